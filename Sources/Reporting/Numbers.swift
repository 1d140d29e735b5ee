import Foundation

/// Numbers as people read them.
enum Number {
  /// A fixed number of decimals.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    value.isFinite ? String(format: "%.\(decimals)f", value) : value > 0 ? "∞" : "–"
  }

  /// The same, or a dash where there is no value.
  static func fixed(_ value: Double?, _ decimals: Int) -> String { value.map { fixed($0, decimals) } ?? "–" }

  /// At most `digits` significant digits, without trailing zeros.
  static func significant(_ value: Double, _ digits: Int) -> String {
    value.isFinite ? String(format: "%.\(digits)g", value) : value > 0 ? "∞" : "–"
  }

  /// Two significant digits, for what is known no better: 0.33, 4.1, 260.
  static func rough(_ value: Double) -> String {
    guard value.isFinite, value >= 100 else { return significant(value, 2) }
    let power = pow(10, (log10(value)).rounded(.down) - 1)
    return fixed((value / power).rounded() * power, 0)
  }

  /// A count with thin spaces between thousands, for example 12 345.
  static func count(_ value: Double) -> String {
    guard value.magnitude < 1e15 else { return significant(value, 4) }
    let digits = String(Int(value.rounded()))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text += "\u{202F}" }
      text.append(digit)
    }
    return text
  }

  /// A share as a percentage without decimals.
  static func percent(_ share: Double) -> String { fixed((share * 100).rounded() + 0, 0) + "\u{202F}%" }

  /// A share as a percentage with one decimal.
  static func precisePercent(_ share: Double) -> String { fixed(share * 100, 1) + "\u{202F}%" }

  /// A duration in seconds, for example "4 s" or "2 min 10 s".
  static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}

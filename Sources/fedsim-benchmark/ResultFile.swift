import Foundation

/// The figures of one call, as they are kept between calls.
struct ResultFile: Codable {
  /// The layout of this file.
  var format = 1
  /// Bits of the kernels' vectors.
  let vectorWidth: Int
  let cases: [Measurement]

  init(vectorWidth: Int, cases: [Measurement]) {
    self.vectorWidth = vectorWidth
    self.cases = cases
  }

  /// - Throws: `Failure` naming the file.
  init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(description: "\(path): cannot be read")
    }
    do { self = try JSONDecoder().decode(Self.self, from: data) } catch {
      throw Failure(description: "\(path): is not a result of fedsim-benchmark")
    }
  }

  /// The file's text.
  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(self)
  }

  /// One line a case that both files have: its ratio, and whether that is beyond what either spread.
  func changes(since earlier: ResultFile) -> [String] {
    cases.compactMap { now in
      guard let then = earlier.cases.first(where: { $0.name == now.name }) else { return nil }
      let overlap = now.least <= then.most && then.least <= now.most
      return padded(now.name) + String(format: "× %.2f", now.median / then.median)
        + (overlap ? "  within the spread" : "")
    }
  }
}

extension Measurement {
  /// The line of a table.
  var text: String {
    var line = padded(name) + "\(figure(median)) \(unit) (\(figure(least)) to \(figure(most)))"
    if let reference, let referenceName {
      line += String(format: ", %.2f of %@'s %@", median / reference, referenceName, figure(reference))
    }
    return line
  }
}

/// Three significant digits, without an exponent.
private func figure(_ value: Double) -> String {
  value >= 1000 ? String(format: "%.0f", value) : String(format: "%.3g", value)
}

private func padded(_ name: String) -> String { name.padding(toLength: 64, withPad: " ", startingAt: 0) }

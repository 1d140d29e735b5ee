import Foundation

/// Populations of three clients that are as bad as clients can be: their updates are far beyond any clipping norm, all
/// along one line, and reach it in every coordinate.
///
/// Client 0 pulls one way and client 1 the other, so that a median of groups depends on what the third one does. The
/// third is the one that neighbouring populations differ in. In `few` no client touches most coordinates.
enum WorstClients: String, CaseIterable {
  /// The third client pulls like the first.
  case plus
  /// It pulls the other way.
  case minus
  /// It pulls like the first, and nobody touches more than the first quarter of the coordinates.
  case few
  /// It does not exist.
  case none
  /// Its update is far within any clipping norm.
  case small
  /// It has one example more than in `minus`, which pulls like the first client.
  case minusAndPlus
  /// That example pulls the other way.
  case minusTwice
  /// That example's gradient is far within any clipping norm.
  case minusAndSmall

  /// A folder with one file for each, and held-out clients.
  static let folder: URL = {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("fedsim-noise-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      for population in allCases {
        try Data(population.lines.joined().utf8).write(to: url.appendingPathComponent(population.rawValue))
      }
      let held = ["1 qid:held-a 1:1\n", "0 qid:held-a 1:-1\n", "1 qid:held-b 2:1\n", "0 qid:held-b 2:-1\n"]
      try Data(held.joined().utf8).write(to: url.appendingPathComponent("held"))
    } catch { preconditionFailure("the populations cannot be written: \(error)") }
    atexit { try? FileManager.default.removeItem(at: WorstClients.folder) }
    return url
  }()

  private var lines: [String] {
    let third: [(label: Int, magnitude: Double)] =
      switch self {
      case .plus, .few: [(1, 50)]
      case .minus: [(0, 50)]
      case .none: []
      case .small: [(1, 1e-6)]
      case .minusAndPlus: [(0, 50), (1, 50)]
      case .minusTwice: [(0, 50), (0, 50)]
      case .minusAndSmall: [(0, 50), (1, 1e-6)]
      }
    return [line("first", 1, 50), line("second", 0, 50)] + third.map { line("third", $0.label, $0.magnitude) }
  }

  private func line(_ name: String, _ label: Int, _ magnitude: Double) -> String {
    let touched = self == .few ? Combination.dimension / 4 : Combination.dimension
    let features = (0..<touched).map { "\($0 + 1):\(Self.sign(of: $0) * magnitude)" }
    return "\(label) qid:\(name) \(features.joined(separator: " "))\n"
  }

  /// The direction in a coordinate: some pattern without a period.
  private static func sign(of coordinate: Int) -> Double {
    (coordinate &* coordinate &+ coordinate / 3).isMultiple(of: 2) ? 1 : -1
  }
}

import DifferentialPrivacy
import Foundation
import Testing

@Suite("The library's first example")
struct FirstExampleTests {
  private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The example as its article shows it, statement by statement.
  private func example() throws -> (epsilon: EpsilonBracket, multiplier: Double, released: Int) {
    // Begin of the example.
    let round = PrivacyEvent.poissonSampledGaussian(samplingRate: 0.01, noiseMultiplier: 0.8)
    let epsilon = try PrivacyLossAccountant().epsilon(
      of: [RepeatedEvent(round, count: 1000)], adjacency: .addOrRemove, delta: 1e-6)
    print("ε ≤ \(epsilon.upper), and no proof can show less than \(epsilon.lower ?? 0)")

    let multiplier = try Calibration.noiseMultiplier(
      epsilon: 2, delta: 1e-6, adjacency: .addOrRemove, accountant: PrivacyLossAccountant()
    ) { [RepeatedEvent(.poissonSampledGaussian(samplingRate: 0.01, noiseMultiplier: $0), count: 1000)] }
    print("ε = 2 takes a noise multiplier of \(multiplier)")

    let mechanism = try DiscreteLaplaceMechanism(sensitivity: 1, epsilon: 0.5)
    var source = SecureRandomSource()
    let released = mechanism.release(4321, from: &source)
    print("about \(released) clients, give or take \(mechanism.variance.squareRoot())")
    // End of the example.
    return (epsilon, multiplier, released)
  }

  @Test("comes to what its words say")
  func result() throws {
    let (epsilon, multiplier, released) = try example()
    #expect(try #require(epsilon.lower) <= epsilon.upper && epsilon.upper < 1.01 * (epsilon.lower ?? 0))
    #expect(epsilon.upper > 2 && multiplier > 0.8)
    // Beyond 60 with probability e⁻³⁰.
    #expect(abs(released - 4321) < 60)
  }

  @Test("is the code in its article, line by line")
  func article() throws {
    let article = try String(
      contentsOf: Self.repository.appendingPathComponent(
        "Sources/DifferentialPrivacy/DifferentialPrivacy.docc/FirstExample.md"), encoding: .utf8)
    let block = try #require(
      article.components(separatedBy: "```swift\n").last?.components(separatedBy: "```").first)
    let shown = block.split(separator: "\n").dropFirst().map { $0.drop { $0 == " " } }
    #expect(block.hasPrefix("import DifferentialPrivacy\n"))
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let between = try #require(
      source.components(separatedBy: "// Begin of the example.\n").dropFirst().first?
        .components(separatedBy: "// End of the example.").first)
    let lines = between.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
    #expect(shown.filter { !$0.isEmpty } == lines)
  }

  @Test("and every symbol that the catalogue lists is one of the library")
  func catalogue() throws {
    let folder = Self.repository.appendingPathComponent("Sources/DifferentialPrivacy")
    let page = try String(
      contentsOf: folder.appendingPathComponent("DifferentialPrivacy.docc/DifferentialPrivacy.md"), encoding: .utf8)
    var declared: Set<String> = ["DifferentialPrivacy"]
    for name in FileManager.default.enumerator(atPath: folder.path)?.compactMap({ $0 as? String }) ?? []
    where name.hasSuffix(".swift") {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      for match in text.matches(of: /public (?:struct|enum|protocol|final class) (\w+)/) {
        declared.insert(String(match.1))
      }
    }
    let listed = page.matches(of: /``(\w+)``/).map { String($0.1) }
    #expect(listed.count > 20)
    for symbol in listed { #expect(declared.contains(symbol), "\(symbol)") }
  }
}

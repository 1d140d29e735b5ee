import Foundation
import KernelSelection
import Testing

@Suite("The benchmark and the vector widths")
struct BenchmarkTests {
  private func benchmark(_ arguments: String, in folder: TemporaryFolder) throws -> Program.Outcome {
    try Program.shell("\"$FEDSIM-benchmark\" \(arguments)", in: folder.url)
  }

  @Test("writes figures and compares them with earlier ones")
  func comparison() throws {
    let folder = try TemporaryFolder()
    let first = try benchmark("--only Laplace --repetitions 2 --out a.json", in: folder)
    #expect(first.status == 0)
    #expect(first.output.contains("exact discrete Laplace samples"))
    let file = try folder.json("a.json")
    let cases = try #require(file["cases"])
    guard case .array(let measured) = cases else { throw BadFile() }
    #expect(measured.count == 1)
    let (median, least) = (measured[0]["median"]?.asDouble, measured[0]["least"]?.asDouble)
    #expect(try #require(median) >= #require(least))
    let second = try benchmark("--only Laplace --repetitions 2 --compare a.json", in: folder)
    #expect(second.output.contains("× "))
  }

  private struct BadFile: Error {}

  @Test(
    "refuses what it does not know",
    arguments: [
      ("--onyl x", 2), ("--repetitions 0", 2), ("--only nothing-has-this-name", 2), ("--compare missing.json", 3),
    ])
  func mistakes(arguments: String, status: Int32) throws {
    let folder = try TemporaryFolder()
    let outcome = try benchmark(arguments, in: folder)
    #expect(outcome.status == status)
    #expect(!outcome.errors.isEmpty)
  }

  @Test("a run has the same digest at every vector width that the processor has")
  func digests() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    var digests: Set<String> = []
    for width in VectorWidth.available.map(\.rawValue) {
      let outcome = try Program.shell(
        "FEDSIM_VECTOR_WIDTH=\(width) \"$FEDSIM\" run s.json5 --out w\(width) --quiet", in: folder.url)
      #expect(outcome.status == 0)
      if case .string(let digest)? = try folder.json("w\(width)/run.json")["digest"] { digests.insert(digest) }
    }
    #expect(digests.count == 1)
  }
}

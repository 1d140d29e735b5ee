import Coordinator
import FederationProtocol
import Scenarios
import TestSupport
import Testing
import Worker

/// Nothing depends on how workers are started and connected.
@Suite("Workers that are threads", .tags(.endToEnd))
struct ConnectionTests {
  private static let threads = ThreadLauncher { try WorkerLoop.run($0) }
  private static let processes = ProcessLauncher(executable: builtProgram("fedsim"), arguments: ["worker"])

  private static let asked = """
    { name: "q", seed: 4, population: { kind: "market", clients: 90, examplesPerClient: { median: 8 }, items: 50 },
      queries: { count: { kind: "count", epsilon: 1 }, top: { kind: "top", field: "category", choices: 2, epsilon: 1 } } }
    """

  @Test(
    "come to the digest of those that are processes",
    arguments: [SmallScenario.market, SmallScenario.synthetic, LocalTrustTests.scenario, TierTests.scenario])
  func training(text: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", text)
    let scenario = try ScenarioFile(path: folder.url.appendingPathComponent("s.json5").path).scenario()
    let digests = try [(Self.threads as any Launcher, 1), (Self.threads, 3), (Self.processes, 2)].map {
      launcher, workers in
      let options = RunOptions(workers: workers, cacheBytes: 1 << 24, folder: "/")
      return try Simulation(scenario, options: options).run(on: WorkerPool(launcher)).digest
    }
    #expect(Set(digests).count == 1)
  }

  @Test("answer queries as those that are processes do")
  func queries() throws {
    let folder = try TemporaryFolder()
    try folder.write("q.json5", Self.asked)
    let scenario = try ScenarioFile(path: folder.url.appendingPathComponent("q.json5").path)
      .queryScenario(overrides: [])
    let digests = try [Self.threads as any Launcher, Self.processes].map { launcher in
      let options = RunOptions(workers: 2, cacheBytes: 0, folder: "/")
      return try QuerySession(scenario, options: options).run(on: WorkerPool(launcher)).digest
    }
    #expect(Set(digests).count == 1)
  }
}

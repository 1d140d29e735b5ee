import Foundation

/// What keeps something from being measured or compared.
struct Failure: Error, CustomStringConvertible {
  let description: String
}

/// What a user waits for: whole processes of the program that was built beside this one.
struct ProgramCases {
  let repetitions: Int
  private let program: URL
  private let scratch: URL

  /// - Throws: `Failure` when fedsim is not where this program is.
  init(repetitions: Int) throws {
    self.repetitions = repetitions
    let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    program = own.deletingLastPathComponent().appendingPathComponent("fedsim")
    guard FileManager.default.isExecutableFile(atPath: program.path) else {
      throw Failure(description: "\(program.path): not found; build all products first: swift build -c release")
    }
    scratch = FileManager.default.temporaryDirectory.appendingPathComponent("fedsim-benchmark-\(getpid())")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
  }

  /// Deletes what the runs left.
  func cleanUp() { try? FileManager.default.removeItem(at: scratch) }

  /// The cases and their names, so that a user can ask for some.
  var cases: [Case] {
    var cases = [
      rate("dense 64, one worker", "dense-64", workers: 1, rounds: (2_000, 10_000)),
      rate("dense 256, one worker", "dense-256", workers: 1, rounds: (10, 1_010)),
      rate("dense 256, two workers", "dense-256", workers: 2, rounds: (10, 1_010)),
      rate("sparse 16k, one worker", "sparse-16k", workers: 1, rounds: (500, 2_500)),
      rate("a million clients, two workers", "million-clients", workers: 2, rounds: (10, 30)),
      fixedCost(),
      curve(),
      startUp(),
    ]
    for exponent in 4...7 { cases.append(population(exponent)) }
    for exponent in stride(from: 10, through: 20, by: 2) { cases.append(dimension(exponent)) }
    return cases
  }

  /// Client updates per second, from the difference of a long and a short run: what both do once cancels.
  private func rate(_ name: String, _ scenario: String, workers: Int, rounds: (Int, Int)) -> Case {
    Case(name: name) {
      let figures = try repeated { () -> Double in
        let short = try run(scenario, workers: workers, rounds: rounds.0)
        let long = try run(scenario, workers: workers, rounds: rounds.1)
        return Double(long.updates - short.updates) / (long.seconds - short.seconds)
      }
      return Measurement(name, unit: "updates/s", figures: figures)
    }
  }

  /// Microseconds a round, from the difference of a long and a short run.
  private func perRound(
    _ name: String, _ scenario: String, workers: Int, rounds: (Int, Int), _ changes: [String],
    options: [String] = [], plot: PlotPoint? = nil
  ) -> Case {
    Case(name: name) {
      let figures = try repeated { () -> Double in
        let short = try run(scenario, workers: workers, rounds: rounds.0, changes, options: options)
        let long = try run(scenario, workers: workers, rounds: rounds.1, changes, options: options)
        return (long.seconds - short.seconds) / Double(rounds.1 - rounds.0) * 1e6
      }
      let result = Measurement(name, unit: "µs/round", figures: figures)
      return plot.map { result.at($0.x, in: $0.plot) } ?? result
    }
  }

  /// One client is expected, so that more than a third of the cohorts are empty and the others need a worker's answer.
  private func fixedCost() -> Case {
    perRound(
      "a round's fixed cost: one expected client, d = 256, two workers", "smallest-cohorts", workers: 2,
      rounds: (1_000, 11_000), [])
  }

  /// Small populations would be kept and large ones made anew: without a cache the difference is only the size.
  private static let withoutCache = ["--memory", "1"]

  private func population(_ exponent: Int) -> Case {
    let clients = Int(pow(10, Double(exponent)))
    return perRound(
      "cohorts of 1000 of 10^\(exponent) clients", "population", workers: 1, rounds: (5, 45),
      ["population.clients=\(clients)"], options: Self.withoutCache,
      plot: PlotPoint(plot: .population, x: Double(clients)))
  }

  private func dimension(_ exponent: Int) -> Case {
    perRound(
      "d = 2^\(exponent), cohorts of 1000, one worker", "population", workers: 1, rounds: (5, 45),
      ["features.hashedDimension=\(1 << exponent)"], options: Self.withoutCache,
      plot: PlotPoint(plot: .dimension, x: Double(1 << exponent)))
  }

  /// The whole command, from nothing to the report.
  private func curve() -> Case {
    let name = "a curve: 8 ε, 5 seeds, 200 rounds, cohorts of 200"
    return Case(name: name) {
      let figures = try repeated {
        try call([
          "sweep", "scenarios/benchmarks/curve.json5", "--out", scratch.path + "/c", "--force", "--quiet",
        ])
        .seconds
      }
      return Measurement(name, unit: "s", figures: figures)
    }
  }

  /// Until the checkpoint after the first round is on disk.
  private func startUp() -> Case {
    let name = "the quickstart, from the command to its first checkpoint"
    return Case(name: name) {
      let figures = try repeated { () -> Double in
        let folder = scratch.appendingPathComponent("start-\(UUID().uuidString)").path
        let process = Process()
        process.executableURL = program
        process.arguments = [
          "run", "scenarios/quickstart.json5", "--checkpoint-every", "1", "--out", folder, "--quiet",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let time = try seconds(of: {
          try process.run()
          while process.isRunning && !FileManager.default.fileExists(atPath: folder + ".checkpoint") { usleep(500) }
        })
        process.terminate()
        process.waitUntilExit()
        return time * 1e3
      }
      return Measurement(name, unit: "ms", figures: figures)
    }
  }

  /// Once to warm up, then as often as asked for.
  private func repeated(_ figure: () throws -> Double) rethrows -> [Double] {
    _ = try figure()
    return try (0..<repetitions).map { _ in try figure() }
  }

  private func run(
    _ scenario: String, workers: Int, rounds: Int, _ changes: [String] = [], options: [String] = []
  ) throws -> (seconds: Double, updates: Int) {
    var arguments =
      [
        "run", "scenarios/benchmarks/\(scenario).json5", "--workers", "\(workers)", "--out", scratch.path + "/r",
        "--force", "--quiet", "--json",
      ] + options
    for change in ["training.rounds=\(rounds)", "evaluation.every=\(rounds)"] + changes {
      arguments += ["--set", change]
    }
    let (seconds, output) = try call(arguments)
    let document = try JSONSerialization.jsonObject(with: output) as? [String: Any]
    guard let updates = (document?["timing"] as? [String: Any])?["clientUpdates"] as? Int else {
      throw Failure(description: "fedsim \(arguments.joined(separator: " ")): its answer has no clientUpdates")
    }
    return (seconds, updates)
  }

  private func call(_ arguments: [String]) throws -> (seconds: Double, output: Data) {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    var output = Data()
    let time = try seconds(of: {
      try process.run()
      output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
    })
    guard process.terminationStatus == 0 else {
      throw Failure(
        description: "fedsim \(arguments.joined(separator: " ")): status \(process.terminationStatus); "
          + "run it from the top of the repository")
    }
    return (time, output)
  }
}

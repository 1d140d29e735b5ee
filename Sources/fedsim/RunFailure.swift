import ClientData
import Coordinator
import FederationProtocol
import Foundation
import Scenarios

/// A run that could not be carried out, in words for its user.
struct RunFailure: Error, CustomStringConvertible {
  let description: String
  let status: Int32

  init(_ description: String, status: Int32 = 3) {
    self.description = description
    self.status = status
  }

  /// Explains what the coordinator reports.
  /// - Parameter task: which of several runs it was.
  init(_ error: CoordinatorError, scenario: Scenario, folder: String, while task: String) {
    let failure = RunFailure(error, scenario: scenario, folder: folder)
    self.init("in the run \(task): \(failure.description)", status: failure.status)
  }

  /// Explains what the coordinator reports.
  init(_ error: CoordinatorError, scenario: Scenario, folder: String) {
    self.init(error) { Self.explain($0, scenario, folder) }
  }

  /// Explains what the coordinator reports of queries.
  init(_ error: CoordinatorError, scenario: QueryScenario) {
    if error == .interrupted {
      self.init("interrupted; nothing was written", status: Interruption.status)
    } else {
      self.init(error) { "a worker cannot work: \($0.reason)" }
    }
  }

  private init(_ error: CoordinatorError, explain: (WorkerFailure) -> String) {
    switch error {
    case .workerNotStarted(let reason):
      self.init("a worker process could not be started: \(reason)")
    case .workerKeepsFailing(let worker, let attempts, let last):
      self.init(
        "worker \(worker) failed \(attempts) times at the same request (\(last)); its own messages are above, if it left any"
      )
    case .populationDiffers:
      self.init("workers read different populations; the shards changed while they were read")
    case .diverged(let round):
      self.init(
        "the model diverged in round \(round): a weight left the range of single precision; lower training.server.learningRate or training.l2"
      )
    case .interrupted:
      self.init("interrupted before the first round; nothing was written", status: Interruption.status)
    case .workerFailed(let failure):
      self.init(explain(failure), status: 2)
    }
  }

  /// A worker reports only a reason and a place, so the file's name is found again here.
  private static func explain(_ failure: WorkerFailure, _ scenario: Scenario, _ folder: String) -> String {
    guard case .files(let files) = scenario.population else { return "a worker cannot work: \(failure.reason)" }
    let path = failure.heldOut ? files.heldOut : files.train
    var name = path
    if let found = try? FileShards.files(of: path, folder: folder, heldOut: failure.heldOut), found.isFolder,
      found.urls.indices.contains(failure.file)
    {
      name += "/" + found.urls[failure.file].lastPathComponent
    }
    if failure.line > 0 { name += ":\(failure.line)" }
    let field = failure.field > 0 ? "field \(failure.field) " : "a field "
    switch failure.reason {
    case .scenarioNotUnderstood: return "a worker of another version was started; build again"
    case .fileUnreadable: return "\(name): no such file, or it cannot be read"
    case .notUTF8: return "\(name): is not UTF-8 text"
    case .missingColumn:
      return
        "\(name): there is no column \"\(files.labelColumn)\"; name the label's column in population.labelColumn"
    case .wrongColumnCount:
      return
        "\(name): has \(failure.field) columns; allowed: population.dimension (\(files.dimension)) features, the label, and the client column if there is one"
    case .labelNotBinary: return "\(name): \(field)is not a label; allowed: 0 or 1, or −1 and 1"
    case .missingClient:
      return
        "\(name): names no client; allowed: qid:CLIENT after the label (libsvm), a column \"\(files.clientColumn)\" (csv), or a folder with one file a client"
    case .malformedFeature: return "\(name): \(field)is not \(files.format == .csv ? "a number" : "index:value")"
    case .indexOutOfRange:
      return "\(name): \(field)has an index out of range; allowed: 1 to population.dimension (\(files.dimension))"
    case .indicesNotAscending:
      return "\(name): \(field)has an index that is not above the one before; indices ascend"
    case .valueNotFinite: return "\(name): \(field)is not a finite number"
    case .tooManyClients:
      return
        "\(path): holds \(failure.field) clients, more than population.clients (\(files.clients)); sampling rates are computed from that public number, so raise it"
    case .noExamples: return "\(path): holds no example"
    case .unknownClient: return "a worker was asked for a client that is not its own"
    }
  }
}

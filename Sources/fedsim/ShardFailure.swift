import ClientData
import FederationProtocol
import Scenarios

/// Why shards cannot be used, in words for their owner. A worker reports only a reason and a place, so the names of files and
/// columns are found again here.
struct ShardFailure: CustomStringConvertible {
  let description: String

  /// - Parameter folder: where relative paths start.
  init(_ failure: WorkerFailure, _ settings: FilesPopulation, folder: String) {
    let path = failure.heldOut ? settings.heldOut : settings.train
    var place = path
    if let found = try? FileShards.files(of: path, folder: folder, heldOut: failure.heldOut), found.isFolder,
      found.urls.indices.contains(failure.file)
    {
      place += "/" + found.urls[failure.file].lastPathComponent
    }
    if failure.line > 0 { place += ":\(failure.line)" }
    switch failure.reason {
    case .scenarioNotUnderstood: description = "a worker of another version was started; build again"
    case .unknownClient: description = "a worker was asked for a client that is not its own"
    case .tooManyClients:
      description =
        "\(path): holds \(failure.field) clients, more than population.clients (\(settings.clients)); sampling rates are computed from that public number, so raise it"
    case .noExamples: description = "\(path): holds no example"
    case .fileUnreadable: description = "\(place): no such file, or it cannot be read"
    case .notAFile: description = "\(place): is no file; a folder of shards holds files alone"
    case .notUTF8: description = "\(place): is not UTF-8 text"
    case .lineTooLong: description = "\(place): is longer than 64 MiB; an example is a line"
    case .shardsChanged:
      description = "\(place): is not what it was when the run started; shards may not change during a run"
    case .doubledFile:
      description = "\(place): another file of that name, but for what follows the dot, is the same client's"
    case .mixedClients:
      description =
        "\(place): \(Self.mixed(settings)); in a folder either every example names its client or every file is one client"
    case .missingClient:
      description =
        "\(place): names no client; allowed: \(Self.clients(settings))\(Self.meantClient(failure, settings, folder))"
    case .noHeader, .unnamedColumn, .doubledColumn, .surplusColumn, .missingColumn, .missingFeature,
      .wrongFeatureCount,
      .wrongColumnCount:
      description = "\(place): " + Self.columns(failure, settings, folder)
    case .malformedQuotes, .labelNotBinary, .malformedFeature, .indexZero, .indexOutOfRange, .indicesNotAscending,
      .valueNotFinite:
      description = "\(place): field \(failure.field) " + Self.field(failure.reason, settings)
    }
  }

  private static func clients(_ settings: FilesPopulation) -> String {
    switch settings.format {
    case .libsvm: "qid:CLIENT after the label, or a folder with one file a client"
    case .csv:
      "a column \"\(settings.clientColumn)\" (its name is population.clientColumn) with a name in every line, or a folder with one file a client"
    }
  }

  /// The column that may hold the clients' names; empty where there is none.
  private static func meantClient(_ failure: WorkerFailure, _ settings: FilesPopulation, _ folder: String) -> String
  {
    // With a field it is an empty cell, and not the column that is missing.
    guard settings.format == .csv, failure.field == 0 else { return "" }
    return ShardColumns(failure, settings: settings, folder: folder).meant(settings.clientColumn)
  }

  private static func mixed(_ settings: FilesPopulation) -> String {
    switch settings.format {
    case .libsvm: "some examples of the folder name their client (qid:CLIENT) and some do not"
    case .csv:
      "some files of the folder have a column \"\(settings.clientColumn)\" (population.clientColumn) and some do not"
    }
  }

  /// What is wrong with the first line of a CSV file.
  private static func columns(_ failure: WorkerFailure, _ settings: FilesPopulation, _ folder: String) -> String {
    let columns = ShardColumns(failure, settings: settings, folder: folder)
    let name = columns.name.map { "\"\($0)\"" } ?? "\(failure.field)"
    switch failure.reason {
    case .noHeader: return "has numbers only; the first line has to name the columns"
    case .unnamedColumn: return "column \(failure.field) has no name"
    case .doubledColumn: return "there are two columns \(name); columns are found by their names"
    case .surplusColumn:
      return
        "column \(name) is not among the features of the training data; every file has the same columns, in any order"
    case .missingFeature:
      return "there is no column \(name), a feature of the training data\(columns.meant(columns.name ?? ""))"
    case .wrongFeatureCount:
      return
        "has \(failure.field) feature columns; population.dimension is \(settings.dimension) (all columns but the label \"\(settings.labelColumn)\" and the client \"\(settings.clientColumn)\" are features)"
    case .wrongColumnCount: return "has \(failure.field) fields; the first line has \(columns.names.count) columns"
    default:
      return
        "there is no column \"\(settings.labelColumn)\"; name the label's column in population.labelColumn\(columns.meant(settings.labelColumn))\(columns.names.count == 1 ? " (it has a single column; commas separate columns)" : "")"
    }
  }

  private static func field(_ reason: WorkerFailure.Reason, _ settings: FilesPopulation) -> String {
    switch reason {
    case .malformedQuotes: "has a quote that is not closed, or something behind it; a field ends in its line"
    case .labelNotBinary: "is not a label; allowed: 0 or 1, or −1 and 1"
    case .indexZero:
      "has the index 0; indices count from 1 (add 1 to all of them, and to population.dimension if need be)"
    case .indexOutOfRange:
      "has an index out of range; allowed: 1 to population.dimension (\(settings.dimension))"
    case .indicesNotAscending: "has an index that is not above the one before; indices ascend"
    case .valueNotFinite: "is not a finite number of single precision"
    default: settings.format == .csv ? "is not a decimal number" : "is not index:value"
    }
  }
}

extension ShardColumns {
  /// The column that is called most like a name that was looked for, as a question; empty where none is.
  fileprivate func meant(_ wanted: String) -> String {
    nearestName(to: wanted, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
  }
}

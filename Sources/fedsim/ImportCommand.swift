import ClientData
import Foundation
import Reporting
import ResultFiles

let importCommand = Command(
  name: "import", about: "Turn a data set that you downloaded into shards: movielens (the folder of ml-100k.zip).",
  positional: ["FORMAT", "DIR"],
  options: [
    Command.Option(name: "out", value: "DIR", about: "folder for the shards; default: movielens-100k"),
    Command.Option(
      name: "dimension", value: "N", about: "coordinates that features are hashed into; default: 4096"),
    forceOption,
  ]
) { arguments, session in
  let (format, folder) = (arguments.positional[0], arguments.positional[1])
  guard format == "movielens" else {
    throw UsageError(description: "import: found \"\(format)\"; allowed: movielens")
  }
  let dimension = try arguments.integer("dimension", 2...1_048_576) ?? 4096
  let path = arguments.string("out") ?? "movielens-100k"
  let results = try ResultFolder(
    path, command: "import", version: Version.current, force: arguments.has("force"), inputs: [folder],
    note: session.note)
  let data: MovieLens
  do {
    data = try MovieLens(folder: folder, dimension: dimension)
  } catch let error as MovieLens.ImportError {
    throw RunFailure(error.description, status: 2)
  }
  try results.write([
    ("train.svm", Data(data.training.text.utf8)), ("held-out.svm", Data(data.heldOut.text.utf8)),
  ])
  for (name, half) in [("training", data.training), ("held-out", data.heldOut)] {
    let liked = Double(half.positives) / Double(half.examples) * 100
    session.print(
      "\(half.clients) \(name) clients, \(half.examples) ratings, \(String(format: "%.1f", liked)) % liked")
  }
  session.print(
    "shards are in \(results.path); run them with: \(sweepCommand(results.path, dimension: dimension, clients: data.training.clients))"
  )
  return 0
}

/// The command that runs the scenario that fedsim ships on what was imported, with all that differs from what the scenario says.
private func sweepCommand(_ path: String, dimension: Int, clients: Int) -> String {
  func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
  var changes: [String] = []
  if absolute(path) != absolute("movielens-100k") {
    for (key, file) in [("train", "train.svm"), ("heldOut", "held-out.svm")] {
      changes.append("population.\(key)=\(absolute(path))/\(file)")
    }
  }
  if dimension != 4096 { changes.append("population.dimension=\(dimension)") }
  // The scenario's public number is that of the whole data set.
  if clients > 755 { changes.append("population.clients=\(clients)") }
  let quoted = changes.map { " --set '\($0.replacingOccurrences(of: "'", with: "'\\''"))'" }
  return "fedsim sweep scenarios/movielens-100k.json5" + quoted.joined()
}

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
) { arguments in
  let (format, folder) = (arguments.positional[0], arguments.positional[1])
  guard format == "movielens" else {
    throw UsageError(description: "import: found \"\(format)\"; allowed: movielens")
  }
  let dimension = try arguments.integer("dimension", 2...1_048_576) ?? 4096
  let path = arguments.string("out") ?? "movielens-100k"
  let results = try ResultFolder(
    path, command: "import", version: Version.current, force: arguments.has("force"), inputs: [folder])
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
    print("\(half.clients) \(name) clients, \(half.examples) ratings, \(String(format: "%.1f", liked)) % liked")
  }
  print("shards are in \(results.path); run them with: fedsim sweep scenarios/movielens-100k.json5")
  return 0
}

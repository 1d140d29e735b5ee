import Foundation
import Scenarios
import Testing

@Suite("fedsim import", .tags(.endToEnd))
struct ImportTests {
  @Test("turns MovieLens 100K into shards that the shipped scenario sweeps over")
  func movieLens() throws {
    let folder = try TemporaryFolder()
    try MovieLensSample.write(to: folder.url.appendingPathComponent("ml-100k"))
    let outcome = try folder.run("import", "movielens", "ml-100k")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("40 training clients") && outcome.output.contains("10 held-out clients"))
    let lines = try folder.text("movielens-100k/train.svm").split(separator: "\n")
    let ratings = try String(
      contentsOf: folder.url.appendingPathComponent("ml-100k/u.data"), encoding: .utf8
    ).split(separator: "\n").map { $0.split(separator: "\t").compactMap { Int($0) } }.filter { $0[0] % 5 != 0 }
    // Clients ascend, their ratings keep their order; liked is four stars or more; every example has the bias.
    #expect(lines.count == ratings.count)
    for (line, rating) in zip(lines, ratings.sorted { $0[0] < $1[0] }) {
      #expect(line.hasPrefix("\(rating[2] >= 4 ? 1 : 0) qid:\(rating[0]) 1:1 "))
    }
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("scenarios"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Program.repository.appendingPathComponent("scenarios/movielens-100k.json5"),
      to: folder.url.appendingPathComponent("scenarios/movielens-100k.json5"))
    let sweep = try folder.run(
      "sweep", "scenarios/movielens-100k.json5", "--out", "s", "--set", "training.rounds=5", "--set",
      "sweep.seed=[1]")
    #expect(sweep.status == 0, "\(sweep.errors)")
    #expect(sweep.output.contains("each client alone"))
  }

  @Test("recommends a command that runs on what it wrote, wherever that is")
  func recommendation() throws {
    let folder = try TemporaryFolder()
    try MovieLensSample.write(to: folder.url.appendingPathComponent("ml-100k"))
    try FileManager.default.createSymbolicLink(
      at: folder.url.appendingPathComponent("scenarios"),
      withDestinationURL: Program.repository.appendingPathComponent("scenarios"))
    let outcome = try folder.run("import", "movielens", "ml-100k", "--out", "it's here", "--dimension", "1000")
    let line = try #require(outcome.output.split(separator: "\n").last)
    let command = try #require(line.split(separator: "run them with: ").last)
    // No other data is there to be read.
    let sweep = try Program.shell(
      "fedsim() { \"$FEDSIM\" \"$@\"; }; \(command) --out s --set training.rounds=2 --set 'sweep.seed=[1]'",
      in: folder.url)
    #expect(sweep.status == 0, "\(command)\n\(sweep.errors)")
    #expect(sweep.errors.contains("population.clients is 755, and the shards hold 40 clients"), "\(sweep.errors)")
  }

  @Test("counts blank lines where it names one")
  func blankLines() throws {
    let folder = try TemporaryFolder()
    let data = folder.url.appendingPathComponent("d")
    try MovieLensSample.write(to: data)
    for (name, line, words) in [
      ("u.data", "1\t2\t9\t881250949", "d/u.data:5: is not user"), ("u.user", "1|a|M", "d/u.user:5: is not number"),
      ("u.item", "1|a", "d/u.item:5: has 2 fields"),
    ] {
      let file = data.appendingPathComponent(name)
      let whole = try Data(contentsOf: file)
      let first = whole.prefix(while: { $0 != UInt8(ascii: "\n") })
      // What is blank, also by Windows, is a line.
      try (Data("\n".utf8) + first + Data("\r\n\r\n \n\(line)\n".utf8)).write(to: file)
      let outcome = try folder.run("import", "movielens", "d")
      #expect(outcome.status == 2 && outcome.errors.contains(words), "\(outcome.errors)")
      try whole.write(to: file)
    }
  }

  @Test("answers a folder that it cannot use with file, line and remedy")
  func mistakes() throws {
    let folder = try TemporaryFolder()
    func errors(_ arguments: String...) throws -> String {
      let outcome = try Program.run(["import"] + arguments, in: folder.url)
      #expect(outcome.status == 2)
      #expect(try !folder.contents().contains("movielens-100k"))
      return outcome.errors
    }
    #expect(try errors("netflix", "d").contains("found \"netflix\"; allowed: movielens"))
    #expect(try errors("movielens", "d").contains("d/u.item: no such file, or it cannot be read; give the folder"))
    let data = folder.url.appendingPathComponent("d")
    try MovieLensSample.write(to: data)
    let whole = try Data(contentsOf: data.appendingPathComponent("u.data"))
    try (whole + Data("1\t2\t9\t881250949\n".utf8)).write(to: data.appendingPathComponent("u.data"))
    #expect(try errors("movielens", "d").contains(": is not user, film, rating (1 to 5) and time"))
    try (Data("7777\t2\t3\t881250949\n".utf8) + whole).write(to: data.appendingPathComponent("u.data"))
    #expect(try errors("movielens", "d").contains("d/u.data:1: user 7777 is not in u.user"))
    try whole.write(to: data.appendingPathComponent("u.data"))
    try Data("1|a|M\n".utf8).write(to: data.appendingPathComponent("u.user"))
    #expect(try errors("movielens", "d").contains("d/u.user:1: is not number, age, gender"))
    try Data("1|a\n".utf8).write(to: data.appendingPathComponent("u.item"))
    #expect(try errors("movielens", "d").contains("d/u.item:1: has 2 fields between bars; allowed: 24"))
  }
}

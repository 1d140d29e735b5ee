import Scenarios
import Testing

@Suite("The combinations that noise is measured in")
struct EnumerationTests {
  @Test("have every value of every option in one that is accepted", arguments: Combination.options)
  func everyValue(option: Option) {
    let found = Set(Combination.accepted.compactMap { $0.choices[option.name] })
    for value in option.values where value.name != "default" {
      #expect(found.contains(value.name), "no combination with \(option.name) \(value.name) is accepted")
    }
  }

  @Test("of queries have every value of every option in one that is accepted", arguments: QueryCombination.options)
  func everyValueOfQueries(option: Option) {
    let found = Set(QueryCombination.accepted.compactMap { $0.choices[option.name] })
    for value in option.values where value.name != "default" {
      #expect(found.contains(value.name), "no query with \(option.name) \(value.name) is accepted")
    }
  }

  @Test("are all that the parser accepts: both ends are met by hundreds")
  func both() {
    #expect(Combination.central.count > 200)
    #expect(Combination.local.count > 10)
  }
}

extension Option: CustomTestStringConvertible {
  var testDescription: String { name }
}

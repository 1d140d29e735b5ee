import Foundation
import NumericalCore
import TestSupport
import Testing

/// Error bounds against values computed with 60 digits.
@Suite("Elementary functions")
struct ElementaryFunctionsTests {
  struct Function: Sendable, CustomTestStringConvertible {
    let name: String
    /// The bound on the error: absolute + relative·|value|.
    let absolute: Double
    let relative: Double
    let evaluate: @Sendable (Double) -> Double
    var testDescription: String { name }
  }

  static let functions = [
    Function(name: "exp", absolute: 0x1p-1074, relative: 0x1p-50) { deterministicExp($0) },
    Function(name: "log", absolute: 0x1p-52, relative: 0x1p-51) { deterministicLog($0) },
    Function(name: "sine", absolute: 0x1p-51, relative: 0) { deterministicSineCosine(turns: $0).sine },
    Function(name: "cosine", absolute: 0x1p-51, relative: 0) { deterministicSineCosine(turns: $0).cosine },
    Function(name: "erfc", absolute: 0, relative: 1e-13) { deterministicErfc($0) },
    Function(name: "expMinusOne", absolute: 0, relative: 0x1p-48) { deterministicExpMinusOne($0) },
    Function(name: "logOnePlus", absolute: 0, relative: 0x1p-48) { deterministicLogOnePlus($0) },
    Function(name: "expFloat", absolute: 0, relative: 0x1p-22) { Double(deterministicExp(Float($0))) },
  ]

  static let table = ReferenceTable("elementary_functions", in: .module)

  @Test("stay within their stated error of the high-precision value", .tags(.conformance), arguments: functions)
  func error(_ function: Function) {
    let rows = Self.table.rows.filter { $0.text("function") == function.name }
    #expect(rows.count >= 100)
    for row in rows {
      let (value, remainder) = (row.number("value"), row.number("remainder"))
      let error = abs(function.evaluate(row.number("argument")) - value - remainder)
      #expect(error <= function.absolute + function.relative * abs(value), "\(row)")
    }
  }

  @Test("saturate instead of giving nonsense far outside their range")
  func saturation() {
    #expect(deterministicExp(1000.0) == .infinity)
    #expect(deterministicExp(-1000.0) == 0)
    #expect(sigmoid(Float(1e30)) == 1)
    #expect(sigmoid(Float(-1e30)) > 0 && sigmoid(Float(-1e30)) < 1e-37)
    #expect(softplus(700) == 700)
    #expect(deterministicErfc(40) == 0)
    #expect(deterministicErfc(-40) == 2)
  }

  @Test("eight lanes at once give the bits of one at a time")
  func vectorisedLoopsAgree() {
    let arguments = (0..<1024).map { Double($0) * 0.37 - 190 }
    var inLoop = [Double](repeating: 0, count: arguments.count)
    for i in arguments.indices { inLoop[i] = deterministicExp(arguments[i]) }
    for (argument, value) in zip(arguments, inLoop) {
      #expect(value.bitPattern == singly(argument).bitPattern)
    }
  }

  @inline(never)
  private func singly(_ x: Double) -> Double { deterministicExp(x) }
}

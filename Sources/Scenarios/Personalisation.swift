/// A part of the model that each client trains for itself and keeps: a bias, and an adapter, weights of its own on a few
/// coordinates.
///
/// Penalties are against the sum of the losses of a client's examples, so each says how many examples it takes to believe in
/// a weight.
package struct Personalisation: Sendable, Equatable {
  /// λ of the penalty λ/2·b² on a client's bias b.
  package let biasL2: Double
  /// Coordinates on which a client has weights of its own: those that vary most over its examples.
  package let adapter: Int
  /// λ of the penalty λ/2·‖a‖² on the weights a of a client's adapter.
  package let adapterL2: Double
  /// Passes over the weights of the own part.
  package let passes: Int

  init(_ reader: ObjectReader) {
    biasL2 = reader.number("biasL2", 1e-3...1e6, default: 2, "L2 regularisation of a client's bias, in examples")
    adapter = reader.integer(
      "adapter", 0...1000, default: 16,
      "coordinates on which a client has weights of its own, beside a bias: those that vary most over its examples")
    let adapts = ObjectReader.Condition(holds: adapter > 0, meaning: "an adapter above 0")
    adapterL2 = reader.number(
      "adapterL2", 1e-3...1e6, default: 10, when: adapts, "L2 regularisation of a client's adapter, in examples")
    passes = reader.integer("passes", 1...1000, default: 5, "passes of a client over the weights of its own part")
  }
}

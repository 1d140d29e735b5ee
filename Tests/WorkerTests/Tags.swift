import Testing

extension Tag {
  /// Compares samples with a distribution; the false-positive rate is stated.
  @Tag static var statistical: Self
}

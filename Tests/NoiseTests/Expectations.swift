import Testing

/// Expects that none of the samples is at fault, and names one of those that are.
func expectNone<Sample, Name: CustomStringConvertible>(
  _ fault: String, of samples: [Sample], _ combination: KeyPath<Sample, Name>,
  where isWrong: (Sample) throws -> Bool
) rethrows {
  #expect(!samples.isEmpty)
  let wrong = try samples.filter(isWrong)
  if let first = wrong.first {
    Issue.record("\(fault): \(wrong.count) of \(samples.count), such as \(first[keyPath: combination])")
  }
}

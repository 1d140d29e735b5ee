import Scenarios

/// The training section of a small scenario with one more key in it.
func makeTraining(with key: String, _ value: String) throws -> Training {
  let text = """
    {"name": "t", "population": {"kind": "synthetic-alpha-beta", "clients": 10},
     "training": {"rounds": 10, "cohort": {"expectedSize": 5}, "\(key)": \(value)}, "privacy": "none"}
    """
  return try Scenario(JSONValue(utf8: text.utf8), file: "test").training
}

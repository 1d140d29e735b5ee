import NumericalCore
import Scenarios

/// A scenario of random options, of which many do not go together: whoever asks takes those that are accepted.
struct RandomScenario {
  let text: String
  let isSparse: Bool
  /// What was chosen, by name, to see that everything was tried.
  let choices: Set<String>

  init(clients: Int, dimension: Int, from stream: inout RandomStream) {
    var choices: Set<String> = []
    /// One of several texts, by name. The first is the likeliest.
    func choose(_ options: [(name: String, text: String)]) -> String {
      let index = stream.nextUniform() < 0.4 ? 0 : stream.nextInteger(below: options.count)
      choices.insert(options[index].name)
      return options[index].text
    }
    let isSparse = stream.nextInteger(below: 2) == 0
    choices.insert(isSparse ? "sparse" : "dense")
    let norm = [0.001, 0.5, 3][stream.nextInteger(below: 3)]
    let training =
      choose([
        ("full", #""cohort": {"sampling": "full"}"#), ("poisson", #""cohort": {"expectedSize": 2}"#),
        ("fixed-size", #""cohort": {"sampling": "fixed-size", "expectedSize": 2}"#),
      ])
      + choose([
        ("fedsgd", #", "client": {"algorithm": "fedsgd"}"#),
        ("fedavg", #", "client": {"epochs": 2, "batchSize": 3, "learningRate": 0.5, "proximal": 0.3}"#),
      ])
      + choose([
        ("mean", ""), ("median", #", "aggregation": {"rule": "median", "groups": 3}"#),
        ("trimmed-mean", #", "aggregation": {"rule": "trimmed-mean", "groups": 5, "trimmed": 1}"#),
      ])
      + choose([
        ("whole", ""), ("top-k", #", "compression": {"sparsification": "top-k", "share": 0.3}"#),
        ("random", #", "compression": {"sparsification": "random", "share": 0.4}"#),
        ("one bit", #", "compression": {"bits": 1, "range": \#(norm / 2)}"#),
        ("four bits", #", "compression": {"bits": 4, "range": \#(norm)}"#),
        (
          "largest, two bits",
          #", "compression": {"sparsification": "top-k", "share": 0.3, "bits": 2, "range": \#(norm / 10)}"#
        ),
        (
          "random, two bits",
          #", "compression": {"sparsification": "random", "share": 0.4, "bits": 2, "range": \#(norm / 10)}"#
        ),
      ])
      + choose([("shared", ""), ("personal", #", "personalisation": {"adapter": 2}"#)])
    let privacy =
      choose([
        ("client", ""),
        (
          "every example",
          #""unit": "example", "exampleSampling": {"rate": 1, "expectedExamples": 10}, "#
        ),
        (
          "sampled example",
          #""unit": "example", "exampleSampling": {"rate": 0.5, "expectedExamples": 10}, "#
        ),
      ])
      + choose([
        ("central", ""), ("local Gaussian", #""trust": "local", "#),
        ("local Laplace", #""trust": "local", "mechanism": "laplace", "#),
      ])
      + choose([("add-or-remove", ""), ("replace-one", #""adjacency": "replace-one", "#)])
      + choose([("pld", ""), ("rdp", #""accountant": "rdp", "#)])
      + choose([
        ("fixed norm", ""), ("adaptive", #""adaptiveClipping": {"countNoiseMultiplier": 5}, "#),
      ])
      + "\"noiseMultiplier\": 1, \"delta\": 1e-5, \"clippingNorm\": \(norm)"
    let rest =
      choose([
        ("no faults", ""), ("dropouts", #", "faults": {"dropout": {"beforeTraining": 0.3}}"#),
        ("flipped labels", #", "faults": {"clients": {"flippedLabels": 0.5}}"#),
        ("nonsense", #", "faults": {"clients": {"corrupted": 0.5}}"#),
        ("enormous", #", "faults": {"clients": {"corrupted": 0.5, "corruption": "enormous"}}"#),
        ("scaled attack", #", "faults": {"clients": {"byzantine": 0.5, "attack": "scaled"}}"#),
        ("drift attack", #", "faults": {"clients": {"byzantine": 0.5, "attack": "drift"}}"#),
        ("stragglers", #", "faults": {"stragglers": {"medianSeconds": 1, "deadlineSeconds": 1}}"#),
      ])
      + choose([("all examples", ""), ("cap", #", "minimisation": {"maximumExamples": 2}"#)])
      + choose([("no support", ""), ("support", #", "evaluation": {"supportShare": 0.4}"#)])
    let format = isSparse ? "libsvm" : "csv"
    text = """
      {"name": "t", "seed": \(1 + stream.nextInteger(below: 1000)),
       "population": {"kind": "files", "format": "\(format)", "train": "train", "heldOut": "train",
         "clients": \(clients), "dimension": \(dimension)},
       "training": {"rounds": 5, \(training)}, "privacy": {\(privacy)}\(rest)}
      """
    self.isSparse = isSparse
    self.choices = choices
  }

  /// The scenario, where it is accepted.
  var accepted: Scenario? { try? Scenario(JSONValue(utf8: text.utf8), file: "random") }
}

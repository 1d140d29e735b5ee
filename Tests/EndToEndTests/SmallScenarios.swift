/// Scenarios that run in a blink and still use what the large ones use.
enum SmallScenario {
  static let market = """
    {
      name: "small", seed: 11,
      population: { kind: "market", clients: 60, heldOutClients: 20, items: 50,
        examplesPerClient: { median: 15, spread: 0.5, minimum: 3, maximum: 40 } },
      features: { hashedDimension: 300 },
      training: { rounds: 12, cohort: { expectedSize: 20 },
        client: { algorithm: "fedavg", epochs: 2, batchSize: 5, learningRate: 0.5 },
        server: { optimizer: "adam", learningRate: 0.1 }, l2: 1e-4 },
      privacy: { epsilon: 8, delta: 1e-5 },
      evaluation: { every: 5 },
    }
    """

  static let synthetic = """
    {
      name: "dense", seed: 5,
      population: { kind: "synthetic-alpha-beta", clients: 40, heldOutClients: 10, features: 21,
        examplesPerClient: { median: 20 } },
      training: { rounds: 8, cohort: { sampling: "fixed-size", expectedSize: 10 }, client: { algorithm: "fedsgd" },
        server: { optimizer: "yogi", learningRate: 0.1 } },
      privacy: { noiseMultiplier: 1.5, delta: 1e-4, adjacency: "replace-one", accountant: "rdp" },
      evaluation: { every: 4 },
    }
    """

  static let withoutPrivacy = """
    {
      name: "open", seed: 2,
      population: { kind: "market", clients: 30, heldOutClients: 10, items: 50 },
      training: { rounds: 6, cohort: { sampling: "full" }, client: { proximal: 0.1, learningRate: 0.3 },
        server: { optimizer: "momentum", learningRate: 0.5, schedule: "cosine" } },
      privacy: "none",
    }
    """

  /// Takes some seconds, so that there is time to disturb it.
  static let slow = """
    {
      name: "slow", seed: 3,
      population: { kind: "synthetic-alpha-beta", clients: 2000, heldOutClients: 50, features: 60,
        examplesPerClient: { median: 50 } },
      training: { rounds: 3000, cohort: { expectedSize: 400 }, client: { epochs: 2, learningRate: 0.1 },
        server: { learningRate: 0.1 } },
      privacy: { noiseMultiplier: 1, delta: 1e-5 },
      evaluation: { every: 500 },
    }
    """
}

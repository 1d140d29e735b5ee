// swift-tools-version: 6.1
import PackageDescription

/// The kernels are compiled once for each vector width, and the program takes the widest that the processor has: see
/// docs/architecture.md. Only targets of the program have these flags, so that packages can depend on the library.
func kernels(_ bits: Int, options: [String] = []) -> Target {
  .target(
    name: "Kernels\(bits)", dependencies: ["KernelInterface", "NumericalCore"],
    swiftSettings: [.enableExperimentalFeature("BuiltinModule")]
      + (options.isEmpty ? [] : [.unsafeFlags(options.flatMap { ["-Xcc", $0] })]))
}

#if arch(x86_64)
  let widerKernels = [kernels(256, options: ["-march=x86-64-v3"]), kernels(512, options: ["-march=x86-64-v4"])]
#else
  let widerKernels: [Target] = []
#endif

/// The module graph is part of the privacy argument: `Coordinator` must never reach `ClientData`, the only
/// module that defines examples. `Tests/ArchitectureTests` reads this description and fails if it does.
let package = Package(
  name: "fedsim",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "fedsim", targets: ["fedsim"]),
    .library(name: "DifferentialPrivacy", targets: ["DifferentialPrivacy"]),
  ],
  targets: [
    .executableTarget(
      name: "fedsim",
      dependencies: [
        "Scenarios", "Coordinator", "Worker", "ClientData", "Curves", "Regression", "Reporting", "Tuning",
        "Recommender", "Releases", "ResultFiles",
        "FederationProtocol", "DifferentialPrivacy", "NumericalCore",
      ]),
    .executableTarget(
      name: "fedsim-benchmark",
      dependencies: [
        "Reporting", "KernelSelection", "KernelInterface", "DifferentialPrivacy", "NumericalCore",
      ]),
    .target(
      name: "Reporting",
      dependencies: [
        "Coordinator", "Curves", "Regression", "Tuning", "Scenarios", "Recommender", "DifferentialPrivacy",
      ]),
    .target(
      name: "Regression",
      dependencies: ["Coordinator", "Curves", "Scenarios", "Recommender", "DifferentialPrivacy"]),
    .target(name: "Tuning", dependencies: ["Curves", "Scenarios", "NumericalCore"]),
    .target(name: "ResultFiles", dependencies: ["Scenarios", "NumericalCore"]),
    .target(name: "Curves", dependencies: ["Scenarios", "Recommender", "NumericalCore"]),
    .target(
      name: "Coordinator",
      dependencies: [
        "AggregationSchemes", "Releases", "FederationProtocol", "Scenarios", "Recommender", "DifferentialPrivacy",
        "NumericalCore",
      ]),
    .target(
      name: "Worker",
      dependencies: [
        "AggregationSchemes", "Releases", "FederationProtocol", "Scenarios", "ClientData", "Recommender",
        "KernelSelection", "KernelInterface", "DifferentialPrivacy", "NumericalCore",
      ]),
    .target(
      name: "AggregationSchemes", dependencies: ["Releases", "Scenarios", "KernelSelection", "KernelInterface"]),
    .target(
      name: "Releases",
      dependencies: ["FederationProtocol", "KernelSelection", "DifferentialPrivacy", "NumericalCore"]),
    .target(
      name: "ClientData",
      dependencies: ["Scenarios", "FederationProtocol", "KernelSelection", "KernelInterface", "NumericalCore"]),
    .target(name: "FederationProtocol"),
    .target(name: "Recommender", dependencies: ["FederationProtocol", "Scenarios", "NumericalCore"]),
    .target(name: "Scenarios", dependencies: ["DifferentialPrivacy", "NumericalCore"]),
    .target(name: "DifferentialPrivacy", dependencies: ["NumericalCore"]),
    .target(
      name: "KernelSelection",
      dependencies: ["KernelInterface", "Kernels128"] + widerKernels.map { .byName(name: $0.name) }),
    kernels(128),
    .target(name: "KernelInterface", dependencies: ["NumericalCore"]),
    .target(name: "NumericalCore", swiftSettings: [.enableExperimentalFeature("BuiltinModule")]),

    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(
      name: "NumericalCoreTests", dependencies: ["NumericalCore", "TestSupport"],
      resources: [.copy("Resources")]),
    .testTarget(
      name: "DifferentialPrivacyTests", dependencies: ["DifferentialPrivacy", "NumericalCore", "TestSupport"],
      resources: [.copy("Resources")]),
    .testTarget(name: "FederationProtocolTests", dependencies: ["FederationProtocol", "NumericalCore"]),
    .testTarget(name: "ScenariosTests", dependencies: ["Scenarios", "NumericalCore"]),
    .testTarget(
      name: "ClientDataTests",
      dependencies: [
        "ClientData", "Scenarios", "FederationProtocol", "KernelInterface", "NumericalCore", "TestSupport",
      ]),
    .testTarget(
      name: "RecommenderTests", dependencies: ["Recommender", "FederationProtocol", "Scenarios", "NumericalCore"]),
    .testTarget(
      name: "ReleasesTests",
      dependencies: [
        "Releases", "FederationProtocol", "DifferentialPrivacy", "NumericalCore", "TestSupport", "ResultFiles",
      ]),
    .testTarget(
      name: "AggregationSchemesTests",
      dependencies: ["AggregationSchemes", "Releases", "DifferentialPrivacy", "NumericalCore"]),
    .testTarget(
      name: "WorkerTests",
      dependencies: [
        "AggregationSchemes", "Worker", "ClientData", "FederationProtocol", "Scenarios", "Recommender",
        "KernelInterface", "NumericalCore",
      ]),
    .testTarget(
      name: "KernelTests",
      dependencies: ["KernelSelection", "KernelInterface", "DifferentialPrivacy", "NumericalCore"]),
    .testTarget(
      name: "CoordinatorTests",
      dependencies: [
        "Coordinator", "Releases", "Recommender", "Scenarios", "DifferentialPrivacy", "NumericalCore",
        "TestSupport",
      ]),
    .testTarget(
      name: "GuaranteeTests",
      dependencies: [
        "AggregationSchemes", "Releases", "Coordinator", "Worker", "FederationProtocol", "Scenarios",
        "DifferentialPrivacy", "NumericalCore",
      ]),
    .testTarget(
      name: "CurvesTests", dependencies: ["Curves", "Scenarios", "Recommender", "NumericalCore", "TestSupport"]),
    .testTarget(name: "TuningTests", dependencies: ["Tuning", "Scenarios", "NumericalCore"]),
    .testTarget(name: "RegressionTests", dependencies: ["Regression", "Curves", "Scenarios", "Recommender"]),
    .testTarget(
      name: "ReportingTests",
      dependencies: ["Reporting", "Curves", "Scenarios", "Recommender", "NumericalCore"]),
    .testTarget(name: "ResultFilesTests", dependencies: ["ResultFiles", "Scenarios"]),
    .testTarget(name: "ArchitectureTests"),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "fedsim", "fedsim-benchmark", "Coordinator", "Worker", "FederationProtocol", "DifferentialPrivacy",
        "Scenarios", "KernelSelection", "NumericalCore", "TestSupport",
      ]),
    .testTarget(
      name: "NoiseTests",
      dependencies: [
        "fedsim", "Coordinator", "Worker", "FederationProtocol", "Scenarios", "DifferentialPrivacy",
        "NumericalCore",
        "TestSupport",
      ]),
    .testTarget(
      name: "FaultCampaignTests",
      dependencies: [
        "fedsim", "Coordinator", "Worker", "FederationProtocol", "Scenarios", "NumericalCore", "TestSupport",
      ]),
    .testTarget(
      name: "HostileInputTests",
      dependencies: [
        "fedsim", "FederationProtocol", "Coordinator", "Worker", "Scenarios", "ClientData", "DifferentialPrivacy",
        "Curves", "Regression", "ResultFiles",
        "NumericalCore", "TestSupport",
      ]),
  ],
  swiftLanguageModes: [.v6]
)

package.targets += widerKernels

// Only where it is asked for, because it links only with the fuzzer: see .ci/fuzz.
if Context.environment["FEDSIM_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fedsim-fuzz",
      dependencies: [
        "FederationProtocol", "Coordinator", "Scenarios", "DifferentialPrivacy", "Curves", "Regression",
        "ResultFiles",
      ], path: "Tests/Fuzzing", swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}

import Foundation

/// A program of this package, which lies beside the test bundle.
public func builtProgram(_ name: String) -> URL {
  #if os(macOS)
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
    let folder = (bundle ?? Bundle.main.bundleURL).deletingLastPathComponent()
  #else
    let folder = Bundle.main.bundleURL
  #endif
  return folder.appendingPathComponent(name)
}

import Foundation
import NumericalCore
import Testing

@Suite("Fast Fourier transform")
struct FastFourierTransformTests {
  private func sequence(_ count: Int) -> ComplexSequence {
    var stream = RandomStream(seed: 1, purpose: .examples)
    var sequence = ComplexSequence(real: (0..<count).map { _ in stream.nextNormal() })
    for i in 0..<count { sequence.imaginary[i] = stream.nextNormal() }
    return sequence
  }

  @Test("gives the sum that defines it", arguments: [2, 4, 8, 64, 256])
  func definition(count: Int) {
    let input = sequence(count)
    var output = input
    FastFourierTransform(count: count).forward(&output)
    for k in 0..<count {
      var (real, imaginary) = (0.0, 0.0)
      for j in 0..<count {
        let angle = -2 * Double.pi * Double(j * k % count) / Double(count)
        real += input.real[j] * cos(angle) - input.imaginary[j] * sin(angle)
        imaginary += input.real[j] * sin(angle) + input.imaginary[j] * cos(angle)
      }
      #expect(abs(output.real[k] - real) < 1e-11 && abs(output.imaginary[k] - imaginary) < 1e-11)
    }
  }

  @Test("is undone by its inverse", arguments: [2, 1024, 65536])
  func inverse(count: Int) {
    let input = sequence(count)
    var output = input
    let transform = FastFourierTransform(count: count)
    transform.forward(&output)
    transform.inverse(&output)
    let error = zip(input.real + input.imaginary, output.real + output.imaginary).map { abs($0 - $1) }.max()
    #expect(error ?? 1 < 1e-13)
  }

  @Test("turns powers into repeated convolution")
  func power() {
    // (0.25 + 0.75x)⁵: the binomial distribution.
    var sequence = ComplexSequence(real: [0.25, 0.75, 0, 0, 0, 0, 0, 0])
    let transform = FastFourierTransform(count: 8)
    transform.forward(&sequence)
    sequence = sequence.raised(to: 5)
    transform.inverse(&sequence)
    let choose = [1.0, 5, 10, 10, 5, 1]
    for k in 0...5 {
      #expect(abs(sequence.real[k] - choose[k] * pow(0.75, Double(k)) * pow(0.25, Double(5 - k))) < 1e-15)
    }
    #expect(abs(sequence.real[6]) < 1e-15 && abs(sequence.real[7]) < 1e-15)
  }
}

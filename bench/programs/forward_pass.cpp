// The bare forward pass of a saved image classification network, as peer of its endpoint.
//
//   forward_pass MODEL
//
// Reads lines "<batch> <passes>" from standard input; answers each with the seconds of every pass,
// on one line. The variables that numeric libraries read must be those of millrace-trainer
// (bench/serving.py sets them).

#include <torch/types.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "trainer/algorithms/image_classification/artifact.h"
#include "trainer/algorithms/image_classification/tensors/network.h"

namespace {

using namespace millrace::image_classification;
using Clock = std::chrono::steady_clock;

int measure(const char* model) {
  const SavedModel saved = read_model(model);
  Network network(saved.graph, saved.input.channels, saved.arrays, saved.file, torch::kCPU);
  std::int64_t batch = 0, passes = 0;
  while (std::cin >> batch >> passes) {
    const torch::Tensor images =
        torch::rand({batch, saved.input.channels, saved.input.height, saved.input.width}) * 255;
    network.logits(images, /*training=*/false);  // kernels are chosen for this size
    std::string line;
    for (std::int64_t pass = 0; pass < passes; ++pass) {
      const auto begin = Clock::now();
      network.logits(images, /*training=*/false);
      const std::chrono::duration<double> seconds = Clock::now() - begin;
      line += std::to_string(seconds.count()) + " ";
    }
    std::puts(line.c_str());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: forward_pass MODEL < lines of '<batch> <passes>'\n", stderr);
    return 2;
  }
  try {
    return measure(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "forward_pass: %s\n", error.what());
    return 1;
  }
}

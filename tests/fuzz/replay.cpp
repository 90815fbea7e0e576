#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// Runs a fuzz entry in an ordinary build: every file of the folder given as the first argument,
// then a fixed number of mutations of them, the same in every run. An entry reports a finding as it
// does under libFuzzer: by aborting.
namespace {

constexpr int kMutations = 2000;
constexpr std::size_t kMaxInputBytes = 64 * 1024;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

/// One to four edits: a byte replaced, a bit flipped, a piece erased, repeated, or taken from
/// another seed.
std::string mutate(std::string input, const std::vector<std::string>& seeds,
                   std::mt19937_64& random) {
  const auto below = [&](std::size_t bound) {
    return static_cast<std::size_t>(random() % std::max<std::size_t>(bound, 1));
  };
  for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
    const std::size_t at = below(input.size());
    const std::size_t length = below(std::min<std::size_t>(input.size() - at, 32) + 1);
    switch (below(5)) {
      case 0:
        if (!input.empty()) input[at] = static_cast<char>(random());
        break;
      case 1:
        if (!input.empty()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 2:
        input.erase(at, length);
        break;
      case 3:
        input.insert(at, input.substr(at, length));
        break;
      default: {
        const std::string& other = seeds[below(seeds.size())];
        const std::size_t from = below(other.size());
        input.insert(at, other.substr(from, below(33)));
      }
    }
  }
  input.resize(std::min(input.size(), kMaxInputBytes));
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (seeds.empty()) {
    std::fprintf(stderr, "%s holds no seed\n", argv[1]);
    return 2;
  }
  for (const std::string& seed : seeds) run(seed);
  std::mt19937_64 random(1);
  for (int i = 0; i < kMutations; ++i)
    run(mutate(seeds[static_cast<std::size_t>(i) % seeds.size()], seeds, random));
  std::printf("%zu seeds and %d mutations\n", seeds.size(), kMutations);
  return 0;
}

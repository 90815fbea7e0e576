#include "trainer/main/tensor_half.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <array>
#include <filesystem>

#include "core/base/error.h"
#include "core/contract/cpu_environment.h"

namespace millrace {
namespace {

/// Turns a thread waits at a barrier before it sleeps. libgomp's own 300,000 burn the cores that
/// decode the next batch: with as many OpenMP threads as cores and one loader beside them, training
/// is 8 times slower.
constexpr const char* kSpinCount = "10000";

constexpr const char* kLibrary = "libmillrace-tensors.so";

std::filesystem::path find_library() {
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const std::array places{program / kLibrary,
                          program.parent_path() / "lib" / "millrace" / kLibrary};
  for (const std::filesystem::path& place : places) {
    if (std::filesystem::exists(place)) return place;
  }
  throw Error(Blame::Platform,
              std::string(kLibrary) +
                  " is neither beside millrace-trainer nor in ../lib/millrace: install " +
                  "the two together, and let a sandbox show both");
}

}  // namespace

const TensorAlgorithm& load_tensor_half(std::string_view algorithm) {
  for (const auto& [name, value] : cpu_environment(available_cpus()))
    ::setenv(name.c_str(), value.c_str(), /*overwrite=*/0);
  ::setenv("GOMP_SPINCOUNT", kSpinCount, /*overwrite=*/0);
  void* const library = ::dlopen(find_library().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    throw Error(Blame::Platform, std::string("loading ") + kLibrary + ": " + ::dlerror());
  const auto entry = reinterpret_cast<TensorEntry>(::dlsym(library, kTensorEntry));
  if (entry == nullptr)
    throw Error(Blame::Platform,
                std::string(kLibrary) + " belongs to another version: install the two together");
  std::size_t count = 0;
  const TensorAlgorithm* const* const entries = entry(&count);
  for (std::size_t i = 0; i < count; ++i) {
    if (entries[i]->name == algorithm) return *entries[i];
  }
  throw Error(Blame::Platform, std::string(kLibrary) + " does not hold " + std::string(algorithm) +
                                   ": install the two together");
}

}  // namespace millrace

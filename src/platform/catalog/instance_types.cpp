#include "platform/catalog/instance_types.h"

#include <sys/sysinfo.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/contract/cpu_environment.h"
#include "core/io/file.h"

namespace millrace::catalog {
namespace {

constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;

struct Size {
  std::string_view name;
  double cpus;
};

// The usual sizes; the number in "12xlarge" is a quarter of its vCPUs.
constexpr std::array<Size, 3> kSmallSizes{{{"medium", 2}, {"large", 2}, {"xlarge", 4}}};

struct Family {
  std::string_view name;
  double gib_per_cpu;
};

constexpr std::array<Family, 29> kFamilies{{
    {"m4", 4},          {"m5", 4},      {"m6i", 4},   {"m7i", 4},       {"c4", 1.875},
    {"c5", 2},          {"c5n", 2.625}, {"c6i", 2},   {"c7i", 2},       {"r5", 8},
    {"r5d", 8},         {"r7i", 8},     {"t3", 4},    {"p2", 15.25},    {"p3", 7.625},
    {"p3dn", 8},        {"p4d", 12},    {"p4de", 12}, {"p5", 32.0 / 3}, {"p5e", 32.0 / 3},
    {"p5en", 32.0 / 3}, {"g4dn", 4},    {"g5", 4},    {"g6", 4},        {"g6e", 8},
    {"g7", 4},          {"g7e", 8},     {"trn1", 4},  {"trn1n", 4},
}};

struct Exception {
  std::string_view type;
  double cpus;
  double gib;
};

// Where size or ratio depart from the rule above.
constexpr std::array<Exception, 12> kExceptions{{
    {"m4.10xlarge", 40, 160},
    {"c4.8xlarge", 36, 60},
    {"c5.9xlarge", 36, 72},
    {"c5.18xlarge", 72, 144},
    {"c5n.9xlarge", 36, 96},
    {"c5n.18xlarge", 72, 192},
    {"p2.16xlarge", 64, 732},
    {"t3.medium", 2, 4},
    {"t3.large", 2, 8},
    {"t3.xlarge", 4, 16},
    {"g4dn.12xlarge", 48, 192},
    {"trn1.2xlarge", 8, 32},
}};

std::optional<double> cpus_of_size(std::string_view size) {
  for (const Size& known : kSmallSizes) {
    if (size == known.name) return known.cpus;
  }
  constexpr std::string_view kSuffix = "xlarge";
  if (!size.ends_with(kSuffix)) return std::nullopt;
  const auto count = parse_int(size.substr(0, size.size() - kSuffix.size()));
  if (!count) return std::nullopt;
  return static_cast<double>(*count) * 4;
}

std::optional<Resources> published(std::string_view type) {
  if (type.starts_with("ml.")) type.remove_prefix(3);
  for (const Exception& exception : kExceptions) {
    if (type == exception.type) {
      return Resources{.cpus = exception.cpus,
                       .memory_bytes = static_cast<std::int64_t>(exception.gib * kGiB)};
    }
  }
  const std::size_t dot = type.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::optional<double> cpus = cpus_of_size(type.substr(dot + 1));
  if (!cpus) return std::nullopt;
  for (const Family& family : kFamilies) {
    if (type.substr(0, dot) == family.name) {
      return Resources{
          .cpus = *cpus,
          .memory_bytes = static_cast<std::int64_t>(*cpus * family.gib_per_cpu * kGiB)};
    }
  }
  return std::nullopt;
}

/// A limit file of the control group at the root of the container this process may run in; nullopt
/// where there is none or no limit is set.
std::optional<std::int64_t> memory_limit(const char* file) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  return parse_int(trim(read_file(file, 64)));
}

}  // namespace

Resources this_machine() {
  struct sysinfo info {};
  if (::sysinfo(&info) != 0) throw_errno("asking for the machine's memory");
  std::int64_t memory =
      static_cast<std::int64_t>(info.totalram) * static_cast<std::int64_t>(info.mem_unit);
  for (const char* file :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    if (const std::optional<std::int64_t> limit = memory_limit(file))
      memory = std::min(memory, *limit);
  }
  return {.cpus = static_cast<double>(available_cpus()), .memory_bytes = memory};
}

Resources resources_of(std::string_view type, const Resources& machine) {
  const std::optional<Resources> wanted = published(type);
  if (!wanted) return machine;
  return {.cpus = std::min(wanted->cpus, machine.cpus),
          .memory_bytes = std::min(wanted->memory_bytes, machine.memory_bytes)};
}

std::vector<Resources> shares_of(const std::vector<std::string>& types, const Resources& machine) {
  std::vector<Resources> shares;
  for (const std::string& type : types) shares.push_back(resources_of(type, machine));
  const Resources wanted = sum_of(shares);
  const double cpus = wanted.cpus > machine.cpus ? machine.cpus / wanted.cpus : 1;
  const double memory =
      wanted.memory_bytes > machine.memory_bytes
          ? static_cast<double>(machine.memory_bytes) / static_cast<double>(wanted.memory_bytes)
          : 1;
  for (Resources& share : shares) {
    share.cpus *= cpus;
    share.memory_bytes =
        static_cast<std::int64_t>(static_cast<double>(share.memory_bytes) * memory);
  }
  return shares;
}

Resources sum_of(const std::vector<Resources>& shares) {
  Resources sum;
  for (const Resources& share : shares) {
    sum.cpus += share.cpus;
    sum.memory_bytes += share.memory_bytes;
  }
  return sum;
}

bool has_local_nvme(std::string_view type) {
  if (type.starts_with("ml.")) type.remove_prefix(3);
  const std::string_view family = type.substr(0, type.find('.'));
  constexpr std::array<std::string_view, 8> kExact{"g4dn", "g5",  "g6",   "g6e",
                                                   "g7",   "g7e", "p3dn", "r5d"};
  constexpr std::array<std::string_view, 6> kStems{"p4d", "p4de", "p5", "p6", "trn1", "trn2"};
  return std::find(kExact.begin(), kExact.end(), family) != kExact.end() ||
         std::any_of(kStems.begin(), kStems.end(),
                     [&](std::string_view stem) { return family.starts_with(stem); });
}

}  // namespace millrace::catalog

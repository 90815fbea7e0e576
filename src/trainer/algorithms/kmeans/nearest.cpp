#include "trainer/algorithms/kmeans/nearest.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/base/check.h"

// Inlined into functions that are compiled for one level of x86-64 each.
#define MILLRACE_INLINE inline __attribute__((always_inline))

namespace millrace::kmeans {
namespace {

/// Rows of a tile: its features and a panel's should stay in the second-level cache of a core.
constexpr std::int64_t kTileRows = 96;
constexpr std::int64_t kTileValues = 64 * 1024;
/// Sparse rows are written out for at most this many values at a time (1 MiB).
constexpr std::int64_t kDensifiedValues = 256 * 1024;
/// Centres of a panel: two AVX-512 registers of floats, and a multiple of every narrower pair.
constexpr std::int64_t kPanel = 32;

/// Rows that are multiplied at once. Each row's scores stay in two registers while all features are
/// gone through: 24 of AVX-512's 32, and 12 of the 16 that the others have.
constexpr std::int64_t kRowsWide = 12;
constexpr std::int64_t kRowsNarrow = 6;
static_assert(kTileRows % kRowsWide == 0 && kTileRows % kRowsNarrow == 0);

constexpr std::int32_t kLaneNumbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// What find() works on: rows in groups, [groups, features, rows of a group], relative to the
/// origin, and the best centres found for them.
struct Tile {
  std::int64_t rows = 0;  ///< a multiple of the rows of a group
  std::vector<float> values;
  /// [rows, lanes]: each lane has seen every lanes-th centre.
  std::vector<float> best;
  std::vector<std::int32_t> centres;
  std::vector<float> second;  ///< [rows, lanes], where it is asked for
};

struct Panels {
  std::int64_t centres;
  std::int64_t features;
  const float* values;      ///< [panels, features, kPanel]
  const float* half_norms;  ///< [panels, kPanel]; infinite beyond the last centre
};

/// A register of floats, and one of numbers beside it.
template <int Lanes>
struct Register;
template <>
struct Register<4> {
  typedef float Floats __attribute__((vector_size(16)));
  typedef std::int32_t Ints __attribute__((vector_size(16)));
};
template <>
struct Register<8> {
  typedef float Floats __attribute__((vector_size(32)));
  typedef std::int32_t Ints __attribute__((vector_size(32)));
};
template <>
struct Register<16> {
  typedef float Floats __attribute__((vector_size(64)));
  typedef std::int32_t Ints __attribute__((vector_size(64)));
};

// memcpy is how a register is read from and written to an array of another type and alignment: one
// instruction each.
template <class Vector, class Number>
MILLRACE_INLINE void load(Vector& vector, const Number* from) {
  std::memcpy(&vector, from, sizeof vector);
}
template <class Vector, class Number>
MILLRACE_INLINE void store(const Vector& vector, Number* into) {
  std::memcpy(into, &vector, sizeof vector);
}

/// Takes the scores of a register of centres into what is the best, and the second best, so far.
template <bool Second, class Floats, class Ints>
MILLRACE_INLINE void keep_least(const Floats& score, const Ints& number, Floats& best, Ints& centre,
                                Floats& second) {
  const Ints wins = score < best;
  if constexpr (Second) {
    const Floats loser = wins ? best : score;
    second = loser < second ? loser : second;
  }
  centre = wins ? number : centre;
  best = wins ? score : best;
}

/// Scores |c|^2 / 2 - x c of every row and the centres from number `at` on that fill a register, or
/// two; the least, and the second least, stays in `tile`.
template <int Lanes, int Rows, bool Second, bool Pair>
MILLRACE_INLINE void scan_columns(const Panels& panels, std::int64_t at, Tile& tile) {
  using Floats = typename Register<Lanes>::Floats;
  using Ints = typename Register<Lanes>::Ints;
  const std::int64_t features = panels.features;
  const float* const columns = panels.values + at / kPanel * kPanel * features + at % kPanel;
  Ints low_number;
  load(low_number, kLaneNumbers);
  low_number += static_cast<std::int32_t>(at);
  const Ints high_number = low_number + Lanes;
  Floats low_half, high_half = {};
  load(low_half, panels.half_norms + at);
  if constexpr (Pair) load(high_half, panels.half_norms + at + Lanes);
  for (std::int64_t first = 0; first < tile.rows; first += Rows) {
    const float* x = tile.values.data() + first * features;
    const float* c = columns;
    Floats low[Rows] = {}, high[Rows] = {};
    for (std::int64_t i = 0; i < features; ++i, x += Rows, c += kPanel) {
      Floats c_low, c_high = {};
      load(c_low, c);
      if constexpr (Pair) load(c_high, c + Lanes);
#pragma GCC unroll 12
      for (int r = 0; r < Rows; ++r) {
        low[r] += c_low * x[r];
        if constexpr (Pair) high[r] += c_high * x[r];
      }
    }
#pragma GCC unroll 12
    for (int r = 0; r < Rows; ++r) {
      float* const best_at = tile.best.data() + (first + r) * Lanes;
      std::int32_t* const centre_at = tile.centres.data() + (first + r) * Lanes;
      float* const second_at = Second ? tile.second.data() + (first + r) * Lanes : nullptr;
      Floats best, second = {};
      Ints centre;
      load(best, best_at);
      load(centre, centre_at);
      if constexpr (Second) load(second, second_at);
      keep_least<Second>(low_half - low[r], low_number, best, centre, second);
      if constexpr (Pair)
        keep_least<Second>(high_half - high[r], high_number, best, centre, second);
      store(best, best_at);
      store(centre, centre_at);
      if constexpr (Second) store(second, second_at);
    }
  }
}

/// All centres, two registers of them at a time; the last may be one.
template <int Lanes, int Rows, bool Second>
MILLRACE_INLINE void scan(const Panels& panels, Tile& tile) {
  for (std::int64_t at = 0; at < panels.centres; at += 2 * Lanes) {
    if (panels.centres - at > Lanes) {
      scan_columns<Lanes, Rows, Second, true>(panels, at, tile);
    } else {
      scan_columns<Lanes, Rows, Second, false>(panels, at, tile);
    }
  }
}

template <int Lanes>
MILLRACE_INLINE float sum_squares(const float* a, const float* b, std::int64_t features) {
  typename Register<Lanes>::Floats sums = {};
  std::int64_t i = 0;
  for (; i + Lanes <= features; i += Lanes) {
    typename Register<Lanes>::Floats of_a, of_b;
    load(of_a, a + i);
    load(of_b, b + i);
    sums += (of_a - of_b) * (of_a - of_b);
  }
  float lanes[Lanes];
  store(sums, lanes);
  float sum = 0;
  for (; i < features; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  for (const float lane : lanes) sum += lane;
  return sum;
}

/// One level of x86-64, or whatever else this is compiled for.
struct Level {
  int lanes;
  std::int64_t group;
  void (*scan)(const Panels& panels, Tile& tile);
  void (*scan_for_two)(const Panels& panels, Tile& tile);
  float (*squares)(const float* a, const float* b, std::int64_t features);
};

#if defined(__x86_64__) && defined(__GNUC__)
#define MILLRACE_V4 __attribute__((target("arch=x86-64-v4")))
#define MILLRACE_V3 __attribute__((target("arch=x86-64-v3")))
MILLRACE_V4 void scan_v4(const Panels& panels, Tile& tile) {
  scan<16, kRowsWide, false>(panels, tile);
}
MILLRACE_V4 void scan_v4_for_two(const Panels& panels, Tile& tile) {
  scan<16, kRowsWide, true>(panels, tile);
}
MILLRACE_V4 float squares_v4(const float* a, const float* b, std::int64_t features) {
  return sum_squares<16>(a, b, features);
}
MILLRACE_V3 void scan_v3(const Panels& panels, Tile& tile) {
  scan<8, kRowsNarrow, false>(panels, tile);
}
MILLRACE_V3 void scan_v3_for_two(const Panels& panels, Tile& tile) {
  scan<8, kRowsNarrow, true>(panels, tile);
}
MILLRACE_V3 float squares_v3(const float* a, const float* b, std::int64_t features) {
  return sum_squares<8>(a, b, features);
}
#endif
void scan_any(const Panels& panels, Tile& tile) {
  scan<4, kRowsNarrow, false>(panels, tile);
}
void scan_any_for_two(const Panels& panels, Tile& tile) {
  scan<4, kRowsNarrow, true>(panels, tile);
}
float squares_any(const float* a, const float* b, std::int64_t features) {
  return sum_squares<4>(a, b, features);
}

/// The widest that this CPU has, of at most so many lanes.
const Level& level(int lanes) {
  static const Level any{.lanes = 4,
                         .group = kRowsNarrow,
                         .scan = scan_any,
                         .scan_for_two = scan_any_for_two,
                         .squares = squares_any};
#if defined(__x86_64__) && defined(__GNUC__)
  static const Level v3{.lanes = 8,
                        .group = kRowsNarrow,
                        .scan = scan_v3,
                        .scan_for_two = scan_v3_for_two,
                        .squares = squares_v3};
  static const Level v4{.lanes = 16,
                        .group = kRowsWide,
                        .scan = scan_v4,
                        .scan_for_two = scan_v4_for_two,
                        .squares = squares_v4};
  static const bool has_v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                             __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  static const bool has_v4 =
      has_v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512cd");
  if (has_v4 && lanes >= v4.lanes) return v4;
  if (has_v3 && lanes >= v3.lanes) return v3;
#else
  (void)lanes;
#endif
  return any;
}

/// Features of a group that are written together: they stay in the first-level cache meanwhile.
constexpr std::int64_t kPackedFeatures = 64;

/// Copies rows relative to the origin into groups; a group that is not full ends in zeros.
void pack_rows(const float* rows, std::int64_t count, std::span<const float> from_origin,
               std::int64_t group, Tile& tile) {
  const auto features = static_cast<std::int64_t>(from_origin.size());
  const float* const origin = from_origin.data();
  tile.rows = (count + group - 1) / group * group;
  tile.values.resize(static_cast<std::size_t>(tile.rows * features));
  for (std::int64_t first = 0; first < tile.rows; first += group) {
    for (std::int64_t begin = 0; begin < features; begin += kPackedFeatures) {
      const std::int64_t end = std::min(begin + kPackedFeatures, features);
      for (std::int64_t r = 0; r < group; ++r) {
        float* const into = tile.values.data() + first * features + r;
        const float* const from = rows + (first + r) * features;
        if (first + r < count) {
          for (std::int64_t i = begin; i < end; ++i) into[i * group] = from[i] - origin[i];
        } else {
          for (std::int64_t i = begin; i < end; ++i) into[i * group] = 0;
        }
      }
    }
  }
}

/// The lane with the least of a row's, and of equal ones that of the first centre.
int best_of(const float* best, const std::int32_t* centres, int lanes) {
  int chosen = 0;
  for (int lane = 1; lane < lanes; ++lane) {
    if (best[lane] < best[chosen] ||
        (best[lane] == best[chosen] && centres[lane] < centres[chosen]))
      chosen = lane;
  }
  return chosen;
}

/// The second least of all that the lanes have seen.
float second_of(const float* best, const float* second, int lanes, int chosen) {
  float least = second[chosen];
  for (int lane = 0; lane < lanes; ++lane) {
    if (lane != chosen) least = std::min(least, best[lane]);
  }
  return least;
}

}  // namespace

void NearestCentre::set(const Centres& centres) {
  MILLRACE_CHECK(centres.count() > 0 &&
                 centres.count() <= std::numeric_limits<std::int32_t>::max());
  centres_ = centres;
  const std::int64_t count = centres.count(), features = centres.features;
  std::vector<double> mean(static_cast<std::size_t>(features));
  for (std::int64_t c = 0; c < count; ++c) {
    const float* const row = centres.row(c);
    for (std::int64_t i = 0; i < features; ++i)
      mean[static_cast<std::size_t>(i)] += static_cast<double>(row[i]);
  }
  origin_.resize(mean.size());
  for (std::size_t i = 0; i < mean.size(); ++i)
    origin_[i] = static_cast<float>(mean[i] / static_cast<double>(count));
  const std::int64_t panels = (count + kPanel - 1) / kPanel;
  panels_.assign(static_cast<std::size_t>(panels * features * kPanel), 0.0F);
  half_norms_.assign(static_cast<std::size_t>(panels * kPanel),
                     std::numeric_limits<float>::infinity());
  for (std::int64_t c = 0; c < count; ++c) {
    float* const into = panels_.data() + c / kPanel * kPanel * features + c % kPanel;
    const float* const row = centres.row(c);
    double norm = 0;
    for (std::int64_t i = 0; i < features; ++i) {
      const float value = row[i] - origin_[static_cast<std::size_t>(i)];
      into[i * kPanel] = value;
      norm += static_cast<double>(value) * static_cast<double>(value);
    }
    half_norms_[static_cast<std::size_t>(c)] = static_cast<float>(norm / 2);
  }
}

void NearestCentre::find(const float* rows, std::span<Nearest> found) const {
  search(rows, found, {});
}

void NearestCentre::find_two(const float* rows, std::span<Nearest> found,
                             std::span<float> second) const {
  MILLRACE_CHECK(found.size() == second.size());
  search(rows, found, second);
}

void NearestCentre::search(const float* rows, std::span<Nearest> found,
                           std::span<float> second) const {
  const Level& cpu = level(lanes_);
  const std::int64_t features = centres_.features;
  const std::int64_t fitting =
      std::clamp(kTileValues / features / cpu.group * cpu.group, cpu.group, kTileRows);
  const Panels panels{.centres = centres_.count(),
                      .features = features,
                      .values = panels_.data(),
                      .half_norms = half_norms_.data()};
  Tile tile;
  const auto count = static_cast<std::int64_t>(found.size());
  for (std::int64_t first = 0; first < count; first += fitting) {
    const std::int64_t taken = std::min(fitting, count - first);
    pack_rows(rows + first * features, taken, origin_, cpu.group, tile);
    const auto lanes = static_cast<std::size_t>(tile.rows * cpu.lanes);
    tile.best.assign(lanes, std::numeric_limits<float>::infinity());
    tile.centres.assign(lanes, 0);
    if (!second.empty()) tile.second.assign(lanes, std::numeric_limits<float>::infinity());
    (second.empty() ? cpu.scan : cpu.scan_for_two)(panels, tile);
    for (std::int64_t row = 0; row < taken; ++row) {
      const std::int64_t at = row * cpu.lanes;
      const float* const best = tile.best.data() + at;
      const std::int32_t* const centre = tile.centres.data() + at;
      const int chosen = best_of(best, centre, cpu.lanes);
      Nearest& nearest = found[static_cast<std::size_t>(first + row)];
      nearest = {.centre = centre[chosen],
                 .squared_distance = cpu.squares(rows + (first + row) * features,
                                                 centres_.row(centre[chosen]), features)};
      if (second.empty()) continue;
      const float ahead =
          second_of(best, tile.second.data() + at, cpu.lanes, chosen) - best[chosen];
      second[static_cast<std::size_t>(first + row)] = nearest.squared_distance + 2 * ahead;
    }
  }
}

void NearestCentre::find(const TabularBatch& batch, std::int64_t begin,
                         std::span<Nearest> found) const {
  MILLRACE_CHECK(batch.columns() == centres_.features);
  if (!batch.is_sparse) return find(batch.dense.features.data() + begin * batch.columns(), found);
  const std::int64_t features = centres_.features;
  const auto step =
      static_cast<std::size_t>(std::max<std::int64_t>(1, kDensifiedValues / features));
  std::vector<float> rows;
  for (std::size_t first = 0; first < found.size(); first += step) {
    const std::size_t taken = std::min(step, found.size() - first);
    rows.resize(taken * static_cast<std::size_t>(features));
    for (std::size_t row = 0; row < taken; ++row) {
      batch.write_dense(begin + static_cast<std::int64_t>(first + row),
                        rows.data() + row * static_cast<std::size_t>(features));
    }
    find(rows.data(), found.subspan(first, taken));
  }
}

float squared_distance(const float* a, const float* b, std::int64_t features) {
  static const Level& widest = level(16);
  return widest.squares(a, b, features);
}

}  // namespace millrace::kmeans

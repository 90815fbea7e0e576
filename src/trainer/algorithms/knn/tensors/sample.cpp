#include "trainer/algorithms/knn/tensors/sample.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

namespace millrace::knn {
namespace {

/// Address space that is asked for at the start (1 GiB), of which only what is used becomes memory;
/// a larger sample grows by copies.
constexpr std::int64_t kReservedValues = std::int64_t{256} << 20;
/// Numbers that one host sends at a time (16 MiB).
constexpr std::size_t kSentValues = std::size_t{4} << 20;
/// Places are sent as two floats, each a whole number that a float holds exactly.
constexpr std::int64_t kPlaceUnit = std::int64_t{1} << 24;

/// One host's values on every host that keeps them.
std::vector<float> sent_by(Cluster& cluster, std::int64_t host, std::span<const float> values,
                           bool keep) {
  std::vector<double> count{cluster.rank() == host ? static_cast<double>(values.size()) : 0.0};
  cluster.sum(count);
  std::vector<float> received;
  const auto all = static_cast<std::size_t>(count[0]);
  if (keep) received.reserve(all);
  for (std::size_t begin = 0; begin < all; begin += kSentValues) {
    std::vector<float> part(std::min(kSentValues, all - begin));
    if (cluster.rank() == host)
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(begin), part.size(), part.begin());
    cluster.sum(part);
    if (keep) received.insert(received.end(), part.begin(), part.end());
  }
  return received;
}

}  // namespace

Sample::Sample(const Preparation& preparation, std::int64_t capacity, std::uint64_t seed)
    : preparation_(preparation),
      width_(static_cast<std::size_t>(preparation.dimension())),
      reservoir_(capacity, seed) {
  const std::int64_t rows = std::min(capacity, kReservedValues / preparation.dimension());
  vectors_.reserve(static_cast<std::size_t>(rows) * width_);
}

void Sample::add(const TabularBatch& batch) {
  const std::vector<Reservoir::Kept>& kept = reservoir_.next(batch.rows());
  if (kept.empty()) return;
  // Most rows of a long stream are not kept: only those that are become vectors.
  TabularBatch chosen;
  const TabularBatch* rows = &batch;
  if (static_cast<std::int64_t>(kept.size()) < batch.rows()) {
    chosen.clear(batch.is_sparse);
    for (const Reservoir::Kept& each : kept) chosen.append(batch.row(each.row));
    rows = &chosen;
  }
  for (const Reservoir::Kept& each : kept) {
    const auto place = static_cast<std::size_t>(each.place);
    if (place >= labels_.size()) {
      labels_.resize(place + 1);
      places_.resize(place + 1);
      vectors_.resize((place + 1) * width_);
    }
    labels_[place] = batch.labels()[static_cast<std::size_t>(each.row)];
    places_[place] = batch.first_row + each.row;
  }
  preparation_.prepare(*rows, [&](std::int64_t begin, std::span<const float> vectors) {
    for (std::size_t i = 0; i * width_ < vectors.size(); ++i) {
      const auto place = static_cast<std::size_t>(kept[static_cast<std::size_t>(begin) + i].place);
      std::copy_n(vectors.begin() + static_cast<std::ptrdiff_t>(i * width_), width_,
                  vectors_.begin() + static_cast<std::ptrdiff_t>(place * width_));
    }
  });
}

void Sample::join(Cluster& cluster, bool keep, bool one_stream) {
  if (cluster.size() == 1) return;
  std::vector<float> places;
  for (const std::int64_t place : places_) {
    places.push_back(static_cast<float>(place / kPlaceUnit));
    places.push_back(static_cast<float>(place % kPlaceUnit));
  }
  std::vector<float> vectors, labels;
  std::vector<std::int64_t> joined;
  for (std::int64_t host = 0; host < cluster.size(); ++host) {
    const auto add = [&](std::vector<float>& to, std::span<const float> values) {
      const std::vector<float> got = sent_by(cluster, host, values, keep);
      to.insert(to.end(), got.begin(), got.end());
    };
    add(vectors, vectors_);
    add(labels, labels_);
    const std::vector<float> pairs = sent_by(cluster, host, places, keep);
    for (std::size_t i = 0; i < pairs.size(); i += 2) {
      joined.push_back(static_cast<std::int64_t>(pairs[i]) * kPlaceUnit +
                       static_cast<std::int64_t>(pairs[i + 1]));
    }
  }
  vectors_ = std::move(vectors);
  labels_ = std::move(labels);
  places_ = std::move(joined);
  if (one_stream) sort_by_place();
}

void Sample::sort_by_place() {
  std::vector<std::size_t> order(labels_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return places_[a] < places_[b]; });
  std::vector<float> vectors(vectors_.size()), labels(labels_.size());
  for (std::size_t to = 0; to < order.size(); ++to) {
    labels[to] = labels_[order[to]];
    std::copy_n(vectors_.begin() + static_cast<std::ptrdiff_t>(order[to] * width_), width_,
                vectors.begin() + static_cast<std::ptrdiff_t>(to * width_));
  }
  vectors_ = std::move(vectors);
  labels_ = std::move(labels);
}

}  // namespace millrace::knn

#include "trainer/algorithms/knn/tensors/row_filter.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "trainer/algorithms/knn/tensors/distance.h"

namespace millrace::knn {
namespace {

/// Rows whose factors are made and used together: their vectors, which exact distances read, stay
/// in the last level of cache.
constexpr std::int64_t kPanelRows = 4096;
/// Bounds that are computed at once by a thread: half a megabyte, within its own cache.
constexpr std::int64_t kTileRows = 1024;
constexpr std::int64_t kTileQueries = 128;
/// Bounds that are compared before one of them is looked at.
constexpr std::int64_t kChunk = 128;

/// Rows on which the first distances of a query, the basis and p are based.
constexpr std::int64_t kSampleRows = 4096;
/// Numbers of that sample, at most: wider rows leave room for fewer.
constexpr std::int64_t kSampleValues = std::int64_t{16} << 20;
constexpr std::int64_t kFewestSampleRows = 512;
/// Queries that p is chosen with.
constexpr std::int64_t kProbes = 64;
constexpr std::array<std::int64_t, 9> kWidths{16, 24, 32, 48, 64, 96, 128, 192, 256};
/// Times that the basis is turned towards the sample's own directions.
constexpr int kIterations = 2;

// What things cost, in multiply-adds of the matrix product (measured with MNIST on two cores).
constexpr double kCostOfBound = 8;        // comparing it
constexpr double kCostOfExactNumber = 8;  // of each number of an exact distance, in double
constexpr double kCostOfExactRow = 6000;  // fetching the row

/// Lengths up to which squares and their sums stay far from the largest float.
constexpr double kLongest = 1e18;
constexpr double kUnitRoundoff = 0x1p-24;
/// Roundings on the way to a bound besides those of its sum: of centring, projecting, rests and
/// norms, generously counted.
constexpr double kOtherRoundings = 64;

torch::Tensor gaussian(std::int64_t rows, std::int64_t columns) {
  // Our own numbers: libtorch's generator is shared, and its stream differs between versions.
  std::mt19937_64 random(1);
  std::normal_distribution<float> normal;
  torch::Tensor tensor = torch::empty({rows, columns}, torch::kFloat);
  float* const values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < rows * columns; ++i) values[i] = normal(random);
  return tensor;
}

std::int64_t stride_for(std::int64_t rows, std::int64_t wanted) {
  return std::max<std::int64_t>(1, rows / wanted);
}

/// Numbers of the k smallest of `values`, in no order.
std::vector<std::int64_t> smallest(const float* values, std::int64_t count, std::int64_t k) {
  std::vector<std::pair<float, std::int64_t>> heap;
  for (std::int64_t i = 0; i < count; ++i) {
    if (static_cast<std::int64_t>(heap.size()) < k) {
      heap.emplace_back(values[i], i);
      std::push_heap(heap.begin(), heap.end());
    } else if (values[i] < heap.front().first) {
      std::pop_heap(heap.begin(), heap.end());
      heap.back() = {values[i], i};
      std::push_heap(heap.begin(), heap.end());
    }
  }
  std::vector<std::int64_t> numbers;
  for (const auto& [value, number] : heap) numbers.push_back(number);
  return numbers;
}

}  // namespace

/// Queries of one search, and how far each has come.
struct RowFilter::Queries {
  const float* vectors;  ///< as they came
  std::int64_t dimension;
  torch::Tensor factors;
  std::vector<double> square;    ///< of their length, centred
  std::vector<double> slack;     ///< what rounding can add to a bound
  std::vector<float> threshold;  ///< the product of a row that can still be near
  std::span<Nearest> nearest;

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(square.size()); }
  [[nodiscard]] const float* vector(std::int64_t query) const {
    return vectors + query * dimension;
  }

  void tighten(std::int64_t query, bool inner_product) {
    const auto at = static_cast<std::size_t>(query);
    const double bound = nearest[at].farthest() - (inner_product ? 0 : square[at]) + slack[at];
    // Rounded up.
    threshold[at] =
        std::nextafter(static_cast<float>(bound), std::numeric_limits<float>::infinity());
  }
};

RowFilter::RowFilter(std::span<const float> rows, std::int64_t dimension, bool inner_product,
                     std::int64_t k)
    : rows_(rows),
      dimension_(dimension),
      count_(static_cast<std::int64_t>(rows.size()) / dimension),
      stride_(stride_for(count_, kSampleRows)),
      inner_product_(inner_product),
      centre_(static_cast<std::size_t>(dimension)) {
  if (!inner_product) {
    const torch::Tensor sample = centred(rows.data(), (count_ + stride_ - 1) / stride_, stride_);
    const torch::Tensor mean = sample.mean(0, false, torch::kDouble).to(torch::kFloat).contiguous();
    std::copy_n(mean.data_ptr<float>(), dimension, centre_.data());
  }
  choose_basis(k);
  if (basis_.defined()) stored_ = torch::empty({count_, factor_width()}, torch::kFloat);
  for (std::int64_t begin = 0; begin < count_; begin += kPanelRows) {
    const std::int64_t count = std::min(kPanelRows, count_ - begin);
    const torch::Tensor panel = centred(rows.data() + begin * dimension, count, 1);
    if (basis_.defined()) {
      const Factors made = factors(panel, Side::Row);
      stored_.narrow(0, begin, count).copy_(made.values);
      for (const double square : made.square) longest_ = std::max(longest_, std::sqrt(square));
    } else {
      longest_ = std::max(longest_, panel.norm(2, {1}, false, torch::kDouble).max().item<double>());
    }
  }
}

std::int64_t RowFilter::factor_width() const {
  const std::int64_t projected = basis_.defined() ? basis_.size(1) + 1 : dimension_;
  return projected + (inner_product_ ? 0 : 1);
}

torch::Tensor RowFilter::centred(const float* first, std::int64_t count,
                                 std::int64_t stride) const {
  torch::Tensor result = torch::empty({count, dimension_}, torch::kFloat);
  float* const values = result.data_ptr<float>();
  at::parallel_for(0, count, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const float* const from = first + row * stride * dimension_;
      for (std::int64_t i = 0; i < dimension_; ++i)
        values[row * dimension_ + i] = from[i] - centre_[static_cast<std::size_t>(i)];
    }
  });
  return result;
}

RowFilter::Factors RowFilter::factors(const torch::Tensor& centred_vectors, Side side) const {
  const std::int64_t count = centred_vectors.size(0), width = factor_width();
  Factors made{.values = torch::empty({count, width}, torch::kFloat),
               .square = std::vector<double>(static_cast<std::size_t>(count))};
  // In double: a rest of nearly nothing is the difference of two large sums.
  torch::Tensor projected;
  if (basis_.defined()) projected = centred_vectors.to(torch::kDouble).mm(basis_);
  const std::int64_t p = basis_.defined() ? basis_.size(1) : dimension_;
  const float scale = side == Side::Row ? 1.0F : inner_product_ ? -1.0F : -2.0F;
  const float* const vectors = centred_vectors.data_ptr<float>();
  const double* const coordinates = basis_.defined() ? projected.data_ptr<double>() : nullptr;
  float* const out = made.values.data_ptr<float>();
  at::parallel_for(0, count, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float* const vector = vectors + i * dimension_;
      float* to = out + i * width;
      const double square = inner_product(vector, vector, dimension_);
      made.square[static_cast<std::size_t>(i)] = square;
      if (coordinates != nullptr) {
        double inside = 0;
        for (std::int64_t j = 0; j < p; ++j) {
          const double coordinate = coordinates[i * p + j];
          inside += coordinate * coordinate;
          *to++ = scale * static_cast<float>(coordinate);
        }
        *to++ = scale * static_cast<float>(std::sqrt(std::max(0.0, square - inside)));
      } else {
        for (std::int64_t j = 0; j < p; ++j) *to++ = scale * vector[j];
      }
      if (!inner_product_) *to = side == Side::Row ? static_cast<float>(square) : 1.0F;
    }
  });
  return made;
}

torch::Tensor RowFilter::row_factors(std::int64_t begin, std::int64_t end,
                                     std::int64_t stride) const {
  if (stored_.defined()) return stored_.slice(0, begin, end, stride);
  const std::int64_t count = (end - begin + stride - 1) / stride;
  return factors(centred(rows_.data() + begin * dimension_, count, stride), Side::Row).values;
}

double RowFilter::exact(const float* query, std::int64_t row) const {
  const float* const vector = rows_.data() + row * dimension_;
  return inner_product_ ? -inner_product(query, vector, dimension_)
                        : squared_distance(query, vector, dimension_);
}

bool RowFilter::search(std::span<const float> queries, std::span<Nearest> nearest) const {
  const auto count = static_cast<std::int64_t>(nearest.size());
  Factors made = factors(centred(queries.data(), count, 1), Side::Query);
  Queries state{.vectors = queries.data(),
                .dimension = dimension_,
                .factors = std::move(made.values),
                .square = std::move(made.square),
                .slack = {},
                .threshold = {},
                .nearest = nearest};
  const double roundings = (static_cast<double>(factor_width()) + kOtherRoundings) * kUnitRoundoff;
  for (const double square : state.square) {
    const double length = std::sqrt(square);
    // Not "length > kLongest": it may be NaN.
    if (!(length <= kLongest && longest_ <= kLongest)) return false;
    const double both = length + longest_;
    state.slack.push_back(roundings * both * both);
  }
  state.threshold.assign(nearest.size(), std::numeric_limits<float>::infinity());
  seed(state);
  if (stride_ == 1) return true;
  for (std::int64_t begin = 0; begin < count_; begin += kPanelRows)
    scan(state, begin, std::min(begin + kPanelRows, count_));
  return true;
}

void RowFilter::refine(Queries& queries, std::int64_t query, std::int64_t row) const {
  queries.nearest[static_cast<std::size_t>(query)].offer(exact(queries.vector(query), row), row);
  queries.tighten(query, inner_product_);
}

/// Every stride-th row: those with the smallest bounds first, so that few others remain.
void RowFilter::seed(Queries& queries) const {
  const torch::Tensor rows = row_factors(0, count_, stride_).t();
  const std::int64_t count = rows.size(1);
  at::parallel_for(0, queries.count(), 1, [&](std::int64_t from, std::int64_t to) {
    torch::Tensor product = torch::empty({kTileQueries, count}, torch::kFloat);
    for (std::int64_t begin = from; begin < to; begin += kTileQueries) {
      const std::int64_t tile = std::min(kTileQueries, to - begin);
      torch::Tensor part = product.narrow(0, 0, tile);
      at::mm_out(part, queries.factors.narrow(0, begin, tile), rows);
      float* bounds = part.data_ptr<float>();
      for (std::int64_t query = begin; query < begin + tile; ++query, bounds += count) {
        const float& threshold = queries.threshold[static_cast<std::size_t>(query)];
        const Nearest& nearest = queries.nearest[static_cast<std::size_t>(query)];
        for (const std::int64_t i : smallest(bounds, count, nearest.k())) {
          refine(queries, query, i * stride_);
          bounds[i] = std::numeric_limits<float>::quiet_NaN();  // which is never at most anything
        }
        for (std::int64_t i = 0; i < count; ++i) {
          if (bounds[i] <= threshold) refine(queries, query, i * stride_);
        }
      }
    }
  });
}

/// The rows [begin, end) that the first ones left out.
void RowFilter::scan(Queries& queries, std::int64_t begin, std::int64_t end) const {
  const torch::Tensor panel = row_factors(begin, end, 1);
  at::parallel_for(0, queries.count(), 1, [&](std::int64_t from, std::int64_t to) {
    torch::Tensor product = torch::empty({kTileQueries * kTileRows}, torch::kFloat);
    for (std::int64_t first = from; first < to; first += kTileQueries) {
      const std::int64_t tile = std::min(kTileQueries, to - first);
      const torch::Tensor some = queries.factors.narrow(0, first, tile);
      for (std::int64_t row = begin; row < end; row += kTileRows) {
        const std::int64_t count = std::min(kTileRows, end - row);
        torch::Tensor part = product.narrow(0, 0, tile * count).view({tile, count});
        at::mm_out(part, some, panel.narrow(0, row - begin, count).t());
        const float* bounds = part.data_ptr<float>();
        for (std::int64_t query = first; query < first + tile; ++query, bounds += count) {
          const float& threshold = queries.threshold[static_cast<std::size_t>(query)];
          for (std::int64_t i = 0; i < count; i += kChunk) {
            const std::int64_t chunk = std::min(kChunk, count - i);
            if (!any_at_most(bounds + i, chunk, threshold)) continue;
            for (std::int64_t j = i; j < i + chunk; ++j) {
              if (bounds[j] <= threshold && (row + j) % stride_ != 0)
                refine(queries, query, row + j);
            }
          }
        }
      }
    }
  });
}

void RowFilter::choose_basis(std::int64_t k) {
  const std::int64_t wanted = std::min(kSampleRows, kSampleValues / dimension_);
  if (wanted < kFewestSampleRows || count_ < kFewestSampleRows) return;
  const std::int64_t stride = stride_for(count_, wanted);
  const torch::Tensor sample = centred(rows_.data(), (count_ + stride - 1) / stride, stride);
  const auto rows = static_cast<double>(sample.size(0)), all = static_cast<double>(count_);
  // As near among the sample as the k-th is among all rows.
  const auto rank = static_cast<std::int64_t>(std::ceil(static_cast<double>(k) * rows / all));
  std::vector<std::int64_t> widths;
  for (const std::int64_t width : kWidths) {
    if (4 * width <= 3 * dimension_ && 2 * width <= sample.size(0)) widths.push_back(width);
  }
  if (widths.empty() || 4 * rank >= sample.size(0)) return;

  torch::Tensor turned = gaussian(dimension_, widths.back());
  for (int i = 0; i < kIterations; ++i) {
    const torch::Tensor image = sample.t().mm(sample.mm(turned));
    turned = std::get<0>(at::linalg_qr(image.to(torch::kDouble), "reduced")).to(torch::kFloat);
  }
  // Orthonormal in double, and ordered by how much the sample varies along each.
  const torch::Tensor range = std::get<0>(at::linalg_qr(turned.to(torch::kDouble), "reduced"));
  const torch::Tensor wide = sample.to(torch::kDouble);
  const torch::Tensor inside = wide.mm(range);
  const torch::Tensor directions =
      std::get<1>(at::linalg_eigh(inside.t().mm(inside), "L")).flip({1});
  const torch::Tensor basis = range.mm(directions), coordinates = inside.mm(directions);

  const torch::Tensor probes = torch::arange(kProbes) * (sample.size(0) / kProbes);
  const torch::Tensor queries = wide.index_select(0, probes);
  const torch::Tensor square = wide.square().sum(1);
  const auto distances = [&](const torch::Tensor& products) {
    if (inner_product_) return -products;
    return square.index_select(0, probes).unsqueeze(1) + square.unsqueeze(0) - 2 * products;
  };
  torch::Tensor truth = distances(queries.mm(wide.t()));
  // A row is not among its own neighbours.
  truth.scatter_(1, probes.unsqueeze(1), std::numeric_limits<double>::infinity());
  const torch::Tensor near = std::get<0>(truth.kthvalue(rank, 1, true));

  const double cost_of_exact =
      kCostOfExactRow + kCostOfExactNumber * static_cast<double>(dimension_);
  double least = all * (static_cast<double>(dimension_) + kCostOfBound);
  std::int64_t chosen = 0;
  for (const std::int64_t width : widths) {
    const torch::Tensor part = coordinates.narrow(1, 0, width);
    const torch::Tensor rest = (square - part.square().sum(1)).clamp_min(0).sqrt();
    const torch::Tensor bounds =
        distances(part.index_select(0, probes).mm(part.t()) +
                  rest.index_select(0, probes).unsqueeze(1) * rest.unsqueeze(0));
    const double passing = (bounds <= near).sum().item<double>() / static_cast<double>(kProbes) - 1;
    // While a search is under way its distances are not yet the last: about twice as many pass.
    const double measured = static_cast<double>(k) + 2 * passing * all / rows;
    const double cost =
        all * (static_cast<double>(width) + kCostOfBound) + measured * cost_of_exact;
    if (cost >= least) continue;
    least = cost;
    chosen = width;
  }
  if (chosen > 0) basis_ = basis.narrow(1, 0, chosen).contiguous();
}

}  // namespace millrace::knn

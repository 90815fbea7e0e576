#include "trainer/algorithms/pca/tensors/moments.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <memory>

#include "core/base/error.h"
#include "trainer/algorithms/pca/tensors/covariance.h"
#include "trainer/algorithms/pca/tensors/sketch.h"

namespace millrace::pca {
namespace {

constexpr bool kCentre = true;

/// Normal rows of which feature i has deviation `decay`^i before an orthogonal mix, and this mean.
at::Tensor rows_with_spectrum(std::int64_t rows, std::int64_t features, double decay, double mean) {
  at::manual_seed(7);
  const at::Tensor mix = std::get<0>(at::linalg_qr(at::randn({features, features}, at::kDouble)));
  const at::Tensor deviations =
      at::pow(at::full({features}, decay, at::kDouble), at::arange(features, at::kDouble));
  return (at::mm(at::randn({rows, features}, at::kDouble) * deviations, mix) + mean).to(at::kFloat);
}

/// Hands rows over in batches of so many.
void add(Moments& moments, const at::Tensor& rows, std::int64_t batch_rows, bool sparse = false) {
  const at::Tensor values = rows.contiguous();
  for (std::int64_t begin = 0; begin < rows.size(0); begin += batch_rows) {
    TabularBatch batch;
    batch.clear(sparse);
    for (std::int64_t row = begin; row < std::min(rows.size(0), begin + batch_rows); ++row) {
      const float* const from = values.data_ptr<float>() + row * rows.size(1);
      batch.append({.columns = rows.size(1), .values = {from, from + rows.size(1)}});
    }
    moments.add(batch);
  }
}

Decomposition finish(Moments& moments, std::int64_t components, bool centre) {
  Cluster alone({.current_host = "algo-1", .hosts = {"algo-1"}});
  return moments.finish(alone, components, centre);
}

/// Singular values, ascending, and vectors of the rows themselves, by another road: no product of
/// rows is formed.
struct Exact {
  Exact(const at::Tensor& rows, bool centre) {
    at::Tensor values = rows.to(at::kDouble);
    if (centre) values = values - values.mean(0);
    const auto [left, s, right] = at::linalg_svd(values, /*full_matrices=*/false);
    singular = s.flip(0);
    vectors = right.t().flip(1).contiguous();
  }
  at::Tensor singular;  ///< [features], ascending
  at::Tensor vectors;   ///< [features, features]
};

at::Tensor vectors_of(const Decomposition& found, std::int64_t components) {
  return at::tensor(found.vectors, at::kDouble).view({-1, components});
}

void expect_exact(const Decomposition& found, const at::Tensor& rows, std::int64_t components,
                  bool centre, double tolerance) {
  const Exact exact(rows, centre);
  const std::int64_t skip = rows.size(1) - components;
  const at::Tensor vectors = vectors_of(found, components);
  for (std::int64_t j = 0; j < components; ++j) {
    const double wanted = exact.singular[skip + j].item<double>();
    EXPECT_NEAR(static_cast<double>(found.singular_values[static_cast<std::size_t>(j)]), wanted,
                tolerance * wanted)
        << j;
    const double cosine =
        at::dot(exact.vectors.select(1, skip + j), vectors.select(1, j)).abs().item<double>();
    EXPECT_GE(cosine, 1 - tolerance) << j;
  }
}

/// Of the variance that as many exact components hold, the share that these hold.
double captured(const Decomposition& found, const at::Tensor& rows, std::int64_t components) {
  at::Tensor values = rows.to(at::kDouble);
  values = values - values.mean(0);
  const double held = at::mm(values, vectors_of(found, components)).square().sum().item<double>();
  const Exact exact(rows, kCentre);
  return held / exact.singular.slice(0, rows.size(1) - components).square().sum().item<double>();
}

TEST(Covariance, FindsTheSingularVectorsOfTheRows) {
  const at::Tensor rows = rows_with_spectrum(500, 20, 0.7, 3);
  for (const bool centre : {true, false}) {
    Covariance moments(20);
    add(moments, rows, 64);
    const Decomposition found = finish(moments, 8, centre);
    expect_exact(found, rows, 8, centre, 1e-5);
    EXPECT_EQ(found.rows, 500);
  }
}

TEST(Covariance, WideRowsAreCutIntoPanels) {
  const at::Tensor rows = rows_with_spectrum(700, 300, 0.97, 1);
  Covariance moments(300);
  add(moments, rows, 100);
  expect_exact(finish(moments, 5, kCentre), rows, 5, kCentre, 1e-5);
}

TEST(Covariance, AMeanTenThousandTimesTheDeviationTakesNoDigits) {
  const at::Tensor rows = rows_with_spectrum(3000, 10, 0.8, 1e4);
  Covariance moments(10);
  add(moments, rows, 500);
  expect_exact(finish(moments, 10, kCentre), rows, 10, kCentre, 1e-6);
}

TEST(Covariance, ComponentsOfAHundredThousandthAreStillFound) {
  const at::Tensor rows = rows_with_spectrum(1000, 6, 0.1, 0);  // down to 1e-5
  Covariance moments(6);
  add(moments, rows, 1000);
  expect_exact(finish(moments, 6, kCentre), rows, 6, kCentre, 1e-5);
}

TEST(Covariance, BatchesDoNotMatter) {
  const at::Tensor rows = rows_with_spectrum(300, 12, 0.8, 5);
  Covariance whole(12), singly(12);
  add(whole, rows, 300);
  add(singly, rows, 1);
  const Decomposition a = finish(whole, 4, kCentre), b = finish(singly, 4, kCentre);
  EXPECT_EQ(a.vectors, b.vectors);
  EXPECT_EQ(a.singular_values, b.singular_values);
}

/// Rows of which one value in forty is not zero.
at::Tensor thin_rows(std::int64_t rows, std::int64_t features) {
  at::manual_seed(3);
  const at::Tensor scale = at::pow(at::full({features}, 0.97), at::arange(features, at::kFloat));
  return at::where(at::rand({rows, features}) < 0.025, at::randn({rows, features}) * scale + 1,
                   at::zeros({rows, features}));
}

TEST(Covariance, SparseRowsGiveWhatTheyGiveDense) {
  const at::Tensor rows = thin_rows(400, 80);
  for (const bool centre : {true, false}) {
    Covariance sparse(80);
    add(sparse, rows, 50, /*sparse=*/true);
    expect_exact(finish(sparse, 3, centre), rows, 3, centre, 1e-5);
  }
  // Full ones are multiplied as matrices.
  const at::Tensor full = rows_with_spectrum(200, 10, 0.7, 2);
  Covariance moments(10);
  add(moments, full, 50, /*sparse=*/true);
  expect_exact(finish(moments, 3, kCentre), full, 3, kCentre, 1e-5);
}

TEST(Covariance, TellsTheShareOfTheVarianceThatIsHeld) {
  const at::Tensor rows = rows_with_spectrum(500, 20, 0.7, 3);
  const at::Tensor squares = Exact(rows, kCentre).singular.square();
  Covariance moments(20);
  add(moments, rows, 100);
  EXPECT_NEAR(finish(moments, 4, kCentre).explained,
              (squares.slice(0, 16).sum() / squares.sum()).item<double>(), 1e-6);
}

TEST(Sketch, HoldsAlmostAllTheVarianceThatCanBeHeld) {
  // Deviations that fall to a half within 35 features: 10 components hold a third of the variance.
  const at::Tensor rows = rows_with_spectrum(2000, 200, 0.98, 3);
  for (const std::uint64_t seed : {1, 2, 3}) {
    Sketch moments(200, 60, seed);
    add(moments, rows, 500);
    const Decomposition found = finish(moments, 10, kCentre);
    EXPECT_GE(captured(found, rows, 10), 0.96) << seed;
    const at::Tensor vectors = vectors_of(found, 10);
    EXPECT_LT((at::mm(vectors.t(), vectors) - at::eye(10, at::kDouble)).abs().max().item<double>(),
              1e-5);
  }
  const at::Tensor decaying = rows_with_spectrum(2000, 200, 0.9, 3);
  Sketch moments(200, 40, 1);
  add(moments, decaying, 500);
  EXPECT_GE(captured(finish(moments, 10, kCentre), decaying, 10), 0.999);
}

TEST(Sketch, IsExactForRowsOfFewerDimensionsThanItself) {
  const at::Tensor rows = at::mm(rows_with_spectrum(500, 5, 0.7, 2), at::randn({5, 60}));
  for (const bool centre : {true, false}) {
    Sketch moments(60, 20, 1);
    add(moments, rows, 100);
    expect_exact(finish(moments, 5, centre), rows, 5, centre, 1e-4);
  }
}

TEST(Sketch, AMeanTenThousandTimesTheDeviationTakesNoDigits) {
  const at::Tensor rows = rows_with_spectrum(3000, 60, 0.7, 1e4);
  Sketch moments(60, 30, 1);
  add(moments, rows, 500);
  expect_exact(finish(moments, 4, kCentre), rows, 4, kCentre, 1e-3);
}

TEST(Sketch, SparseRowsGiveWhatTheyGiveDense) {
  const at::Tensor rows = thin_rows(400, 80);
  for (const bool centre : {true, false}) {
    Sketch sparse(80, 40, 1), dense(80, 40, 1);
    add(sparse, rows, 50, /*sparse=*/true);
    add(dense, rows, 50);
    const Decomposition a = finish(sparse, 3, centre), b = finish(dense, 3, centre);
    for (std::size_t i = 0; i < a.vectors.size(); ++i)
      EXPECT_NEAR(a.vectors[i], b.vectors[i], 1e-4F) << i;
  }
}

TEST(Sketch, MoreComponentsThanDimensionsHaveTheSingularValueZero) {
  const at::Tensor rows = at::mm(at::randn({100, 2}), at::randn({2, 30}));
  Sketch moments(30, 12, 1);
  add(moments, rows, 100);
  const Decomposition found = finish(moments, 4, kCentre);
  EXPECT_NEAR(found.singular_values[0] / found.singular_values[3], 0, 1e-6F);
  EXPECT_GT(found.singular_values[2], 1);
  const at::Tensor vectors = vectors_of(found, 4);
  EXPECT_LT((at::mm(vectors.t(), vectors) - at::eye(4, at::kDouble)).abs().max().item<double>(),
            1e-5);
}

TEST(Sketch, SquaresBeyondFloat32AreRefused) {
  const at::Tensor rows = rows_with_spectrum(100, 30, 0.9, 0) * 1e25;
  Sketch moments(30, 12, 1);
  add(moments, rows, 100);
  try {
    finish(moments, 2, kCentre);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_NE(std::string(error.what()).find("algorithm_mode to regular"), std::string::npos);
  }
  Covariance exact(30);
  add(exact, rows, 100);
  expect_exact(finish(exact, 2, kCentre), rows, 2, kCentre, 1e-4);
}

/// Both modes, over the same rows.
std::vector<std::unique_ptr<Moments>> both(std::int64_t features) {
  std::vector<std::unique_ptr<Moments>> all;
  all.push_back(std::make_unique<Covariance>(features));
  all.push_back(std::make_unique<Sketch>(features, 8, 1));
  return all;
}

TEST(Moments, TheLargestEntryOfAComponentIsPositive) {
  const at::Tensor rows = rows_with_spectrum(100, 20, 0.8, 1);
  for (const auto& moments : both(20)) {
    add(*moments, rows, 30);
    const at::Tensor vectors = vectors_of(finish(*moments, 4, kCentre), 4);
    for (std::int64_t j = 0; j < 4; ++j) {
      const at::Tensor column = vectors.select(1, j);
      EXPECT_EQ(column.max().item<double>(), column.abs().max().item<double>());
    }
  }
}

TEST(Moments, RowsThatDoNotVaryHaveNoVariance) {
  for (const float value : {0.0F, 7.0F}) {
    for (const auto& moments : both(20)) {
      add(*moments, at::full({50, 20}, value), 10);
      const Decomposition found = finish(*moments, 3, kCentre);
      for (const float singular : found.singular_values) EXPECT_EQ(singular, 0);
      for (const float entry : found.vectors) EXPECT_TRUE(std::isfinite(entry));
      EXPECT_EQ(found.mean[0], value);
      EXPECT_EQ(found.explained, 1);
    }
  }
}

TEST(Moments, WithoutRowsTheComponentsAreArbitraryButOrthonormal) {
  for (const auto& moments : both(20)) {
    const Decomposition found = finish(*moments, 3, kCentre);
    const at::Tensor vectors = vectors_of(found, 3);
    EXPECT_LT((at::mm(vectors.t(), vectors) - at::eye(3, at::kDouble)).abs().max().item<double>(),
              1e-6);
    EXPECT_EQ(found.rows, 0);
  }
}

}  // namespace
}  // namespace millrace::pca

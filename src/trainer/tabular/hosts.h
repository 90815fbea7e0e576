#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trainer/tabular/share.h"

namespace millrace {

/// The hosts of a job, as algorithms without tensors need them; what trainer/learn/cluster.h says
/// of each function holds here. A job of one host then trains without libtorch, which would take
/// longer to load than a small model takes to train.
class Hosts {
 public:
  virtual ~Hosts() = default;

  [[nodiscard]] virtual Share share() const = 0;
  [[nodiscard]] bool is_first() const { return share().rank == 0; }
  virtual void sum(std::span<double> values) = 0;
  virtual std::vector<float> gather(std::span<const float> values) = 0;
  virtual bool any(bool here) = 0;
};

class OneHost final : public Hosts {
 public:
  [[nodiscard]] Share share() const override { return {}; }
  void sum(std::span<double> /*values*/) override {}
  std::vector<float> gather(std::span<const float> values) override {
    return {values.begin(), values.end()};
  }
  bool any(bool here) override { return here; }
};

}  // namespace millrace

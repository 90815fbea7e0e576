#include "trainer/learn/optimizer.h"

#include <cmath>
#include <utility>

namespace millrace {

Optimizer::Optimizer(std::vector<TrainedTensor> tensors, OptimizerOptions options)
    : tensors_(std::move(tensors)), options_(options) {
  for (const TrainedTensor& tensor : tensors_) {
    first_.push_back(torch::zeros_like(tensor.value.detach()));
    if (options_.rule == UpdateRule::Adam)
      second_.push_back(torch::zeros_like(tensor.value.detach()));
  }
}

void Optimizer::step(double rate) {
  const at::NoGradGuard no_grad;
  ++updates_;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    torch::Tensor& gradient = tensors_[i].value.mutable_grad();
    if (!gradient.defined()) continue;
    update(i, gradient, rate);
    gradient.reset();
  }
}

std::vector<torch::Tensor> Optimizer::moments() const {
  std::vector<torch::Tensor> all = first_;
  all.insert(all.end(), second_.begin(), second_.end());
  return all;
}

void Optimizer::update(std::size_t i, const torch::Tensor& gradient, double rate) {
  torch::Tensor& w = tensors_[i].value;
  torch::Tensor& m = first_[i];
  const double decay = tensors_[i].decays ? options_.weight_decay : 0;
  switch (options_.rule) {
    case UpdateRule::Sgd:
      if (decay != 0) gradient.add_(w, decay);
      m.mul_(options_.momentum).add_(gradient, -rate);
      w.add_(m);
      break;
    case UpdateRule::Nag:
      if (decay != 0) gradient.add_(w, decay);
      m.mul_(options_.momentum).add_(gradient);
      w.add_(gradient, -rate).add_(m, -rate * options_.momentum);
      break;
    case UpdateRule::Adam: {
      torch::Tensor& v = second_[i];
      const auto t = static_cast<double>(updates_);
      const double rate_t =
          rate * std::sqrt(1 - std::pow(options_.beta_2, t)) / (1 - std::pow(options_.beta_1, t));
      m.mul_(options_.beta_1).add_(gradient, 1 - options_.beta_1);
      v.mul_(options_.beta_2).addcmul_(gradient, gradient, 1 - options_.beta_2);
      w.addcdiv_(m, v.sqrt().add_(options_.eps), -rate_t);
      break;
    }
    case UpdateRule::RmsProp:
      m.mul_(options_.gamma).addcmul_(gradient, gradient, 1 - options_.gamma);
      w.addcdiv_(gradient, m.add(options_.eps).sqrt_(), -rate);
      break;
  }
}

}  // namespace millrace

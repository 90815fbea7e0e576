#pragma once

#include <chrono>
#include <string>

#include "core/io/byte_source.h"

namespace millrace {

/// One request to a model, as a container gets it on /invocations.
struct ScoreRequest {
  std::string content_type;
  std::string accept;              ///< empty or "*/*": the scorer's own choice
  std::string origin = "request";  ///< what messages call it
};

/// How a model is served.
struct Serving {
  /// How long a request that has been read may wait for others that are being read, to be computed
  /// together with them.
  std::chrono::microseconds batch_delay{0};
};

/// A trained model that answers requests: one at a time, or, after serve(), from any thread.
class Scorer {
 public:
  virtual ~Scorer() = default;

  /// Reads `body` to its end and writes the answer as it goes, so that neither need fit into memory
  /// where their formats are streams. Returns the content type of the answer. Throws
  /// Error(Customer) naming the place in the request of what is wrong, with the codes of
  /// core/data/negotiation.h where it is a type; what has been written by then is no answer.
  virtual std::string answer(const ScoreRequest& request, ByteSource& body, ByteSink& out) = 0;

  /// Called once, before a server's threads call answer(): prepares what the first request would
  /// have to wait for, and computes requests that are there together as one batch where that costs
  /// less.
  virtual void serve(const Serving& serving) = 0;

  /// Whether a request may hold several examples.
  [[nodiscard]] virtual bool takes_many() const = 0;
};

}  // namespace millrace

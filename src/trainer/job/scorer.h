#pragma once

#include <string>
#include <string_view>

#include "core/io/byte_source.h"

namespace millrace {

/// One request to a model, as a container gets it on /invocations.
struct ScoreRequest {
  std::string content_type;
  std::string accept;              ///< empty or "*/*": the scorer's own choice
  std::string origin = "request";  ///< what messages call it
};

/// A trained model that answers requests. One request at a time.
class Scorer {
 public:
  virtual ~Scorer() = default;

  /// Reads `body` to its end and writes the answer as it goes, so that neither need fit into memory
  /// where their formats are streams. Returns the content type of the answer. Throws
  /// Error(Customer) naming the place in the request of what is wrong; what has been written by
  /// then is no answer.
  virtual std::string answer(const ScoreRequest& request, ByteSource& body, ByteSink& out) = 0;
};

}  // namespace millrace

#include "platform/hosting/invocations.h"

#include <optional>
#include <set>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/http/arrival.h"
#include "core/http/read_answer.h"
#include "platform/aws/access.h"
#include "platform/aws/error_response.h"
#include "platform/aws/refuse.h"
#include "platform/aws/request_body.h"
#include "platform/hosting/names.h"

namespace millrace::hosting {
namespace {

namespace runtime = wire::runtime;
using aws::unsupported;
using std::chrono::steady_clock;

constexpr std::size_t kMaxBodyBytes = Invocations::kMaxBodyBytes;
/// What the API allows for OriginalMessage.
constexpr std::size_t kMaxMessageBytes = 2048;

constexpr const char* kAttributes = "X-Amzn-SageMaker-Custom-Attributes";

void check(const runtime::InvokeEndpointInput& request) {
  if (request.target_model)
    unsupported("TargetModel", "an endpoint's variant serves one model. Use TargetVariant.");
  if (request.target_container_hostname)
    unsupported("TargetContainerHostname", "a model is served by one container. Leave it out.");
  if (request.enable_explanations)
    unsupported("EnableExplanations", "endpoints here explain nothing. Leave it out.");
  if (request.inference_component_name)
    unsupported("InferenceComponentName", "there are no inference components. Use TargetVariant.");
  if (request.session_id)
    unsupported("SessionId", "requests of a session may meet any instance. Leave it out.");
}

http::Outgoing outgoing(const runtime::InvokeEndpointInput& request,
                        std::chrono::milliseconds timeout) {
  http::Outgoing out{
      .method = "POST",
      .target = "/invocations",
      .headers = {},
      .content = aws::read_body(*request.body, request.body->length(), kMaxBodyBytes, timeout),
      .stream = nullptr,
      .stream_length = {}};
  const auto pass_on = [&](const char* name, const std::optional<std::string>& value) {
    if (value) out.headers.add(name, *value);
  };
  pass_on("Content-Type", request.content_type);
  pass_on("Accept", request.accept);
  pass_on(kAttributes, request.custom_attributes);
  pass_on("X-Amzn-SageMaker-Inference-Id", request.inference_id);
  return out;
}

/// Where an operator finds what the model wrote.
struct Place {
  std::string region;
  std::string account;
  std::string group;
  std::string stream;

  [[nodiscard]] std::string arn() const {
    return "arn:aws:logs:" + region + ":" + account + ":log-group:" + group +
           (stream.empty() ? "" : ":log-stream:" + stream);
  }
};

[[noreturn]] void model_error(int status, const std::string& message, const Place& place) {
  const bool client = status >= 400 && status < 500;
  const std::string shown(cut_utf8(valid_utf8(message), kMaxMessageBytes));
  throw aws::DetailedError(Blame::Customer, "ModelError",
                           "Received " + std::string(client ? "client" : "server") + " error (" +
                               std::to_string(status) + ") from primary with message \"" + shown +
                               "\". See the log group " + place.group + " for more information.",
                           Json{{"OriginalStatusCode", status},
                                {"OriginalMessage", shown},
                                {"LogStreamArn", place.arn()}});
}

[[noreturn]] void unavailable(const std::string& why) {
  // No fault of the daemon's, which would be logged; the model of the service makes it 503.
  throw Error(Blame::Customer, "ServiceUnavailable", why + " Try again.");
}

}  // namespace

/// One invocation on its way to an instance.
struct Invocations::Call {
  const http::Outgoing& request;
  std::chrono::milliseconds timeout;

  /// nullopt when the instance could not be reached, with the reason in `why`. `status` becomes the
  /// model's, once its answer is whole.
  std::optional<runtime::InvokeEndpointOutput> attempt(const Claim& claim, const Place& place,
                                                       std::string& why, int& status) const {
    const auto due = steady_clock::now() + timeout;
    Server::Line line = claim.server().take(timeout);
    try {
      http::Incoming answer = line.client.send(request);
      std::string body = http::read_answer(*answer.body, kMaxBodyBytes, due);
      if (body.size() > kMaxBodyBytes) {
        model_error(answer.status,
                    "The answer is larger than " + std::to_string(kMaxBodyBytes) + " bytes.",
                    place);
      }
      if (steady_clock::now() >= due) time_out(place);
      status = answer.status;
      claim.server().give_back(std::move(line));
      if (answer.status != 200) model_error(answer.status, body, place);
      return output_of(answer, std::move(body), claim.variant());
    } catch (const aws::DetailedError&) {
      throw;
    } catch (const Error& error) {
      if (!*line.connected) {
        why = error.what();
        return std::nullopt;
      }
      if (steady_clock::now() >= due) time_out(place);
      model_error(0, "The model's server broke off: " + std::string(error.what()) + ".", place);
    }
  }

 private:
  [[noreturn]] void time_out(const Place& place) const {
    model_error(0,
                "Your invocation timed out while waiting for a response from container primary: "
                "it did not answer within " +
                    number_text(static_cast<double>(timeout.count()) / 1000) + " s.",
                place);
  }

  static runtime::InvokeEndpointOutput output_of(const http::Incoming& answer, std::string body,
                                                 const std::string& variant) {
    runtime::InvokeEndpointOutput output{.invoked_production_variant = variant};
    if (const auto type = answer.headers.find("Content-Type")) output.content_type = *type;
    if (const auto attributes = answer.headers.find(kAttributes))
      output.custom_attributes = *attributes;
    output.body = std::move(body);
    return output;
  }
};

runtime::InvokeEndpointOutput Invocations::invoke(const runtime::InvokeEndpointInput& request,
                                                  const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:InvokeEndpoint");
  check(request);
  struct Counted {
    explicit Counted(std::atomic<std::int64_t>& counter) : count(counter) { ++count; }
    ~Counted() { --count; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    std::atomic<std::int64_t>& count;
  };
  const Counted counted(running_);
  // Checking its signature is part of what the daemon takes of a request's time.
  const auto arrived = http::request_arrival();
  if (running_.load() > options_.max_running)
    unavailable(std::to_string(options_.max_running) + " invocations are running already.");

  const http::Outgoing out = outgoing(request, options_.timeout);
  const Call call{.request = out, .timeout = options_.timeout};
  const std::string variant = request.target_variant.value_or("");
  const std::string& name = request.endpoint_name;
  std::set<const Server*> tried;
  std::string why;
  for (;;) {
    using Outcome = Traffic::Choice::Outcome;
    Traffic::Choice choice = traffic_.choose(caller.account, name, variant, tried);
    switch (choice.outcome) {
      case Outcome::NoEndpoint:
        aws::refuse("Endpoint " + name + " of account " + caller.account + " not found.");
      case Outcome::NoVariant:
        aws::refuse("Endpoint " + name + " has no variant '" + variant + "'. It has " +
                    join(choice.variants, ", ") + ".");
      case Outcome::NotReady:
        throw Error(Blame::Customer, "ModelNotReadyException",
                    "Endpoint " + name + " is " + choice.why + ". Invoke it when it is InService.");
      case Outcome::NoInstance:
        if (why.empty()) why = choice.why;
        unavailable("No instance of endpoint " + name + " can take the request" +
                    (why.empty() ? "." : ": " + why + "."));
      case Outcome::Found:
        break;
    }
    const Claim& claim = *choice.claim;
    const Place place{.region = caller.region,
                      .account = caller.account,
                      .group = log_group(choice.endpoint),
                      .stream = claim.server().log_stream()};
    InvocationSample sample{.instances = claim.instances()};
    const auto asked_at = steady_clock::now();
    const auto record = [&] {
      const auto answered_at = steady_clock::now();
      sample.model = answered_at - asked_at;
      sample.overhead = asked_at - arrived;
      metrics_.record(caller.account, choice.endpoint, claim.variant(), sample);
    };
    try {
      if (auto output = call.attempt(claim, place, why, sample.status)) {
        record();
        return *std::move(output);
      }
    } catch (const aws::DetailedError&) {
      record();
      throw;
    }
    tried.insert(&claim.server());
  }
}

}  // namespace millrace::hosting

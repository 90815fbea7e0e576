#pragma once

#include "platform/aws/client.h"
#include "platform/runner/daemon.h"

namespace millrace::runner {

/// The daemon behind its AWS protocols.
class DaemonClient final : public Daemon {
 public:
  /// Where the store's files are not to be reached as files, whatever the daemon says.
  enum class Store { MayBeHere, IsRemote };

  explicit DaemonClient(aws::Client client, Store store = Store::MayBeHere)
      : client_(std::move(client)), store_is_remote_(store == Store::IsRemote) {}

  wire::control::GetJobTicketResponse ticket(
      const wire::control::GetJobTicketRequest& request) override;
  wire::control::ReportJobResponse report(const wire::control::ReportJobRequest& request) override;
  wire::control::GetServerTicketResponse server_ticket(
      const wire::control::GetServerTicketRequest& request) override;
  wire::control::ReportServerResponse report_server(
      const wire::control::ReportServerRequest& request) override;
  wire::control::GetTransformTicketResponse transform_ticket(
      const wire::control::GetTransformTicketRequest& request) override;
  wire::control::ReportTransformResponse report_transform(
      const wire::control::ReportTransformRequest& request) override;
  wire::control::PinTransformInputResponse pin_transform_input(
      const wire::control::PinTransformInputRequest& request) override;
  wire::control::GetTransformInputResponse transform_input(
      const wire::control::GetTransformInputRequest& request) override;
  /// Makes group and stream first when the daemon does not know them.
  void put_log_events(const wire::logs::PutLogEventsRequest& request) override;
  wire::control::LocateObjectsResponse locate(
      const wire::control::LocateObjectsRequest& request) override;
  void count_fetches(const wire::control::CountFileSystemFetchesRequest& request) override;
  std::unique_ptr<ObjectStream> open(const ObjectRange& range) override;
  void put(const ObjectName& object, std::string_view content,
           const ObjectMetadata& metadata) override;
  std::optional<ObjectMetadata> metadata_of(const ObjectName& object) override;
  void remove(const ObjectName& object) override;
  Upload begin_upload(const ObjectName& object, const ObjectMetadata& metadata) override;
  std::string upload_part(const Upload& upload, std::int64_t number,
                          std::string_view content) override;
  void complete_upload(const Upload& upload, const std::vector<std::string>& e_tags) override;
  void abort_upload(const Upload& upload) override;

 private:
  class Stream;

  void make_log_stream(const wire::logs::PutLogEventsRequest& request);

  aws::Client client_;
  const bool store_is_remote_;
};

}  // namespace millrace::runner

#pragma once

#include <string>
#include <string_view>

#include "generated/aws/logs/types.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"

namespace millrace::logs {

/// Log groups, streams and events, with the operations of CloudWatch Logs.
///
/// Events of a stream are ordered by time and, within a millisecond, by arrival; that order never
/// changes, because clients resume by time and count. Groups belong to an account; the region a
/// client signs for only shows in ARNs.
///
/// The keys of jobs may write to any group but, in /aws/sagemaker/..., only to streams of their own
/// job, and may delete nothing.
class Logs {
 public:
  /// `database` must outlive this.
  explicit Logs(records::Database& database) : database_(database) {}

  wire::Empty create_group(const wire::logs::CreateLogGroupRequest& request,
                           const aws::Caller& caller);
  wire::Empty create_stream(const wire::logs::CreateLogStreamRequest& request,
                            const aws::Caller& caller);
  wire::Empty delete_group(const wire::logs::DeleteLogGroupRequest& request,
                           const aws::Caller& caller);
  wire::Empty delete_stream(const wire::logs::DeleteLogStreamRequest& request,
                            const aws::Caller& caller);

  /// By name. A nextToken is given only when there is more.
  wire::logs::DescribeLogGroupsResponse describe_groups(
      const wire::logs::DescribeLogGroupsRequest& request, const aws::Caller& caller);
  /// As describe_groups: the SageMaker SDK repeats its request for as long as it sees a token, and
  /// never sends it.
  wire::logs::DescribeLogStreamsResponse describe_streams(
      const wire::logs::DescribeLogStreamsRequest& request, const aws::Caller& caller);

  /// One batch is one transaction. Events more than two hours ahead or two weeks old are left out
  /// and reported.
  wire::logs::PutLogEventsResponse put_events(const wire::logs::PutLogEventsRequest& request,
                                              const aws::Caller& caller);
  /// At either end of the stream: no events, and the token that was sent.
  wire::logs::GetLogEventsResponse get_events(const wire::logs::GetLogEventsRequest& request,
                                              const aws::Caller& caller);
  /// Always interleaved: by time, whatever the stream. A page may be short, or empty, and still
  /// carry a nextToken.
  wire::logs::FilterLogEventsResponse filter_events(
      const wire::logs::FilterLogEventsRequest& request, const aws::Caller& caller);

  /// Makes group and stream where they do not exist yet, in the caller's transaction.
  static void ensure_stream(records::Connection& transaction, std::string_view account,
                            std::string_view group, std::string_view stream);

 private:
  records::Database& database_;
};

}  // namespace millrace::logs

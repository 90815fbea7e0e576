#include "platform/transform/transform_state.h"

#include <gtest/gtest.h>

#include "core/json/json.h"

namespace millrace::transform {
namespace {

Time at(std::int64_t millis) {
  return from_millis(millis);
}

TransformState running(std::int64_t hosts = 1) {
  TransformState state = TransformState::accepted(hosts, at(1));
  for (const Host& host : TransformState(state).hosts)
    state.ticket_taken(host.name, "job/" + host.name, at(2));
  return state;
}

TEST(TransformState, IsCompletedWhenItsOnlyHostIs) {
  TransformState state = running();
  EXPECT_EQ(state.status, "InProgress");
  EXPECT_EQ(state.started, at(2));
  state.host_ended("algo-1", "Completed", "", at(3));
  EXPECT_EQ(state.status, "Completed");
  EXPECT_EQ(state.ended, at(3));
  EXPECT_FALSE(state.wants("algo-1"));
}

TEST(TransformState, OneHostThatFailsLeavesTheOthersToTheirWorkAndGivesTheReason) {
  TransformState state = running(3);
  state.host_ended("algo-2", "Failed", "ClientError: s3://b/x", at(3));
  EXPECT_EQ(state.status, "InProgress");
  EXPECT_TRUE(state.wants("algo-1"));
  EXPECT_FALSE(state.wants("algo-2"));
  state.host_ended("algo-1", "Completed", "", at(4));
  state.host_ended("algo-3", "Failed", "ClientError: s3://b/y", at(5));
  EXPECT_EQ(state.status, "Failed");
  EXPECT_EQ(state.failure_reason, "ClientError: s3://b/x");
}

TEST(TransformState, AStopEndsItAtOnceWithoutInstancesAndWithTheLastOfThem) {
  TransformState waiting = TransformState::accepted(2, at(1));
  waiting.stop(false, at(2));
  EXPECT_EQ(waiting.status, "Stopped");

  TransformState state = running(2);
  state.stop(true, at(3));
  EXPECT_EQ(state.status, "Stopping");
  EXPECT_FALSE(state.wants("algo-1"));
  state.host_ended("algo-1", "Completed", "", at(4));
  EXPECT_EQ(state.status, "Stopping");
  state.supervisor_lost("algo-2", "killed", false, at(5));
  EXPECT_EQ(state.status, "Stopped");
  EXPECT_EQ(state.failure_reason, "");
}

TEST(TransformState, ALostSupervisorIsReplacedAndItsSuccessorResumes) {
  TransformState state = running();
  state.supervisor_lost("algo-1", "killed by signal 9", false, at(3));
  EXPECT_TRUE(state.wants("algo-1"));
  EXPECT_TRUE(state.host("algo-1")->resumed);
  EXPECT_FALSE(state.host("algo-1")->ticket_taken);
  state.ticket_taken("algo-1", "job/again", at(4));
  EXPECT_EQ(state.host("algo-1")->log_stream, "job/again");
  EXPECT_EQ(state.started, at(2));
}

TEST(TransformState, SupervisorsThatStoreNothingAreNotReplacedForEver) {
  TransformState state = running();
  for (std::int64_t i = 0; i < TransformState::kMaxLosses; ++i)
    state.supervisor_lost("algo-1", "killed", false, at(3 + i));
  EXPECT_EQ(state.status, "InProgress");
  state.progressed("algo-1", 1, at(20));
  for (std::int64_t i = 0; i < TransformState::kMaxLosses; ++i)
    state.supervisor_lost("algo-1", "killed", false, at(30 + i));
  state.progressed("algo-1", 1, at(40));  // again, by a successor that has passed it over
  EXPECT_EQ(state.status, "InProgress");
  state.supervisor_lost("algo-1", "killed", false, at(50));
  EXPECT_EQ(state.status, "Failed");
  EXPECT_EQ(state.failure_reason, "InternalServerError: killed");
}

TEST(TransformState, ASupervisorThatNeverRanIsNoLoss) {
  TransformState state = TransformState::accepted(1, at(1));
  for (int i = 0; i < 20; ++i)
    state.supervisor_lost("algo-1", "the daemon was killed", true, at(2));
  EXPECT_TRUE(state.wants("algo-1"));
  EXPECT_FALSE(state.host("algo-1")->resumed);
}

TEST(TransformState, WhatComesLateChangesNothing) {
  TransformState state = running();
  state.host_ended("algo-1", "Completed", "", at(3));
  const TransformState ended = state;
  state.host_ended("algo-1", "Failed", "ClientError: late", at(4));
  state.stop(true, at(5));
  state.supervisor_lost("algo-1", "gone", false, at(6));
  state.progressed("algo-1", 7, at(7));
  state.ticket_taken("algo-1", "other", at(8));
  EXPECT_EQ(state, ended);
}

TEST(TransformState, IsTheSameAfterItWasWrittenDown) {
  TransformState state = running(2);
  state.progressed("algo-2", 5, at(3));
  state.host_ended("algo-1", "Failed", "ClientError: x", at(4));
  state.listing = "0123";
  state.name_prefix = "in/";
  EXPECT_EQ(state_from_json(parse_json(to_text(to_json(state)), "state")), state);

  Json of_older_daemon = to_json(state);
  of_older_daemon.erase("listing");
  of_older_daemon.erase("name_prefix");
  EXPECT_TRUE(state_from_json(of_older_daemon).listing.empty());
}

}  // namespace
}  // namespace millrace::transform

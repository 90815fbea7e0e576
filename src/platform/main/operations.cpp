#include "platform/main/operations.h"

#include "generated/aws/cloudwatch/operations.h"
#include "generated/aws/control/operations.h"
#include "generated/aws/ecr/operations.h"
#include "generated/aws/iam/operations.h"
#include "generated/aws/logs/operations.h"
#include "generated/aws/metrics/operations.h"
#include "generated/aws/runtime/operations.h"
#include "generated/aws/s3/operations.h"
#include "generated/aws/s3control/operations.h"
#include "generated/aws/s3outposts/operations.h"
#include "generated/aws/sagemaker/operations.h"
#include "generated/aws/sts/operations.h"

namespace millrace {
namespace {

void bind_s3(aws::Dispatch& dispatch, store::Store* store) {
  namespace ops = wire::s3::ops;
  using store::Store;
  dispatch.add<ops::ListBuckets>(store, &Store::list_buckets);
  dispatch.add<ops::CreateBucket>(store, &Store::create_bucket);
  dispatch.add<ops::HeadBucket>(store, &Store::head_bucket);
  dispatch.add<ops::DeleteBucket>(store, &Store::delete_bucket);
  dispatch.add<ops::GetBucketLocation>(store, &Store::get_bucket_location);
  dispatch.add<ops::GetBucketVersioning>(store, &Store::get_bucket_versioning);
  dispatch.add<ops::ListObjects>(store, &Store::list_objects);
  dispatch.add<ops::ListObjectsV2>(store, &Store::list_objects_v2);
  dispatch.add<ops::HeadObject>(store, &Store::head_object);
  dispatch.add<ops::GetObject>(store, &Store::get_object);
  dispatch.add<ops::GetObjectAttributes>(store, &Store::get_object_attributes);
  dispatch.add<ops::PutObject>(store, &Store::put_object);
  dispatch.add<ops::CopyObject>(store, &Store::copy_object);
  dispatch.add<ops::DeleteObject>(store, &Store::delete_object);
  dispatch.add<ops::DeleteObjects>(store, &Store::delete_objects);
  dispatch.add<ops::GetObjectTagging>(store, &Store::get_object_tagging);
  dispatch.add<ops::PutObjectTagging>(store, &Store::put_object_tagging);
  dispatch.add<ops::DeleteObjectTagging>(store, &Store::delete_object_tagging);
  dispatch.add<ops::CreateMultipartUpload>(store, &Store::create_multipart_upload);
  dispatch.add<ops::UploadPart>(store, &Store::upload_part);
  dispatch.add<ops::UploadPartCopy>(store, &Store::upload_part_copy);
  dispatch.add<ops::CompleteMultipartUpload>(store, &Store::complete_multipart_upload);
  dispatch.add<ops::AbortMultipartUpload>(store, &Store::abort_multipart_upload);
  dispatch.add<ops::ListParts>(store, &Store::list_parts);
  dispatch.add<ops::ListMultipartUploads>(store, &Store::list_multipart_uploads);
}

void bind_outposts(aws::Dispatch& dispatch, Services& services) {
  namespace so = wire::s3outposts::ops;
  using outposts::Endpoints;
  Endpoints* endpoints = &services.outpost_endpoints;
  dispatch.add<so::CreateEndpoint>(endpoints, &Endpoints::create);
  dispatch.add<so::ListEndpoints>(endpoints, &Endpoints::list);
  dispatch.add<so::ListSharedEndpoints>(endpoints, &Endpoints::list_shared);
  dispatch.add<so::DeleteEndpoint>(endpoints, &Endpoints::remove);
  outposts::Registry* registry = &services.outposts;
  dispatch.add<so::ListOutpostsWithS3>(registry, &outposts::Registry::list_with_s3);

  namespace ops = wire::s3control::ops;
  using outposts::AccessPoints;
  using outposts::Buckets;
  Buckets* buckets = &services.outpost_buckets;
  dispatch.add<ops::CreateBucket>(buckets, &Buckets::create);
  dispatch.add<ops::GetBucket>(buckets, &Buckets::get);
  dispatch.add<ops::ListRegionalBuckets>(buckets, &Buckets::list);
  dispatch.add<ops::DeleteBucket>(buckets, &Buckets::remove);
  dispatch.add<ops::PutBucketPolicy>(buckets, &Buckets::put_policy);
  dispatch.add<ops::GetBucketPolicy>(buckets, &Buckets::get_policy);
  dispatch.add<ops::DeleteBucketPolicy>(buckets, &Buckets::delete_policy);
  dispatch.add<ops::PutBucketTagging>(buckets, &Buckets::put_tagging);
  dispatch.add<ops::GetBucketTagging>(buckets, &Buckets::get_tagging);
  dispatch.add<ops::DeleteBucketTagging>(buckets, &Buckets::delete_tagging);
  dispatch.add<ops::GetBucketVersioning>(buckets, &Buckets::get_versioning);
  AccessPoints* points = &services.access_points;
  dispatch.add<ops::CreateAccessPoint>(points, &AccessPoints::create);
  dispatch.add<ops::GetAccessPoint>(points, &AccessPoints::get);
  dispatch.add<ops::ListAccessPoints>(points, &AccessPoints::list);
  dispatch.add<ops::DeleteAccessPoint>(points, &AccessPoints::remove);
  dispatch.add<ops::PutAccessPointPolicy>(points, &AccessPoints::put_policy);
  dispatch.add<ops::GetAccessPointPolicy>(points, &AccessPoints::get_policy);
  dispatch.add<ops::DeleteAccessPointPolicy>(points, &AccessPoints::delete_policy);
}

void bind_training_jobs(aws::Dispatch& dispatch, jobs::TrainingJobs* jobs,
                        jobs::TrialMetrics* metrics) {
  namespace ops = wire::sagemaker::ops;
  using jobs::TrainingJobs;
  dispatch.add<ops::CreateTrainingJob>(jobs, &TrainingJobs::create);
  dispatch.add<ops::DescribeTrainingJob>(jobs, &TrainingJobs::describe);
  dispatch.add<ops::ListTrainingJobs>(jobs, &TrainingJobs::list);
  dispatch.add<ops::StopTrainingJob>(jobs, &TrainingJobs::stop);
  dispatch.add<wire::metrics::ops::BatchPutMetrics>(metrics, &jobs::TrialMetrics::put);
}

void bind_processing_jobs(aws::Dispatch& dispatch, jobs::ProcessingJobs* jobs) {
  namespace ops = wire::sagemaker::ops;
  using jobs::ProcessingJobs;
  dispatch.add<ops::CreateProcessingJob>(jobs, &ProcessingJobs::create);
  dispatch.add<ops::DescribeProcessingJob>(jobs, &ProcessingJobs::describe);
  dispatch.add<ops::ListProcessingJobs>(jobs, &ProcessingJobs::list);
  dispatch.add<ops::StopProcessingJob>(jobs, &ProcessingJobs::stop);
}

void bind_hosting(aws::Dispatch& dispatch, Services& services) {
  namespace ops = wire::sagemaker::ops;
  using hosting::EndpointConfigs;
  using hosting::Endpoints;
  using hosting::Models;
  Models* models = &services.models;
  dispatch.add<ops::CreateModel>(models, &Models::create);
  dispatch.add<ops::DescribeModel>(models, &Models::describe);
  dispatch.add<ops::ListModels>(models, &Models::list);
  dispatch.add<ops::DeleteModel>(models, &Models::remove);
  EndpointConfigs* configs = &services.endpoint_configs;
  dispatch.add<ops::CreateEndpointConfig>(configs, &EndpointConfigs::create);
  dispatch.add<ops::DescribeEndpointConfig>(configs, &EndpointConfigs::describe);
  dispatch.add<ops::ListEndpointConfigs>(configs, &EndpointConfigs::list);
  dispatch.add<ops::DeleteEndpointConfig>(configs, &EndpointConfigs::remove);
  Endpoints* endpoints = &services.endpoints;
  dispatch.add<ops::CreateEndpoint>(endpoints, &Endpoints::create);
  dispatch.add<ops::DescribeEndpoint>(endpoints, &Endpoints::describe);
  dispatch.add<ops::ListEndpoints>(endpoints, &Endpoints::list);
  dispatch.add<ops::UpdateEndpoint>(endpoints, &Endpoints::update);
  dispatch.add<ops::UpdateEndpointWeightsAndCapacities>(endpoints, &Endpoints::update_weights);
  dispatch.add<ops::DeleteEndpoint>(endpoints, &Endpoints::remove);
  dispatch.add<wire::runtime::ops::InvokeEndpoint>(&services.invocations,
                                                   &hosting::Invocations::invoke);
}

void bind_transform_jobs(aws::Dispatch& dispatch, transform::TransformJobs* jobs) {
  namespace ops = wire::sagemaker::ops;
  using transform::TransformJobs;
  dispatch.add<ops::CreateTransformJob>(jobs, &TransformJobs::create);
  dispatch.add<ops::DescribeTransformJob>(jobs, &TransformJobs::describe);
  dispatch.add<ops::ListTransformJobs>(jobs, &TransformJobs::list);
  dispatch.add<ops::StopTransformJob>(jobs, &TransformJobs::stop);
}

void bind_tags(aws::Dispatch& dispatch, tags::Tags* tags) {
  namespace ops = wire::sagemaker::ops;
  dispatch.add<ops::AddTags>(tags, &tags::Tags::add);
  dispatch.add<ops::ListTags>(tags, &tags::Tags::list);
  dispatch.add<ops::DeleteTags>(tags, &tags::Tags::remove);
}

void bind_logs(aws::Dispatch& dispatch, logs::Logs* logs) {
  namespace ops = wire::logs::ops;
  using logs::Logs;
  dispatch.add<ops::CreateLogGroup>(logs, &Logs::create_group);
  dispatch.add<ops::CreateLogStream>(logs, &Logs::create_stream);
  dispatch.add<ops::DeleteLogGroup>(logs, &Logs::delete_group);
  dispatch.add<ops::DeleteLogStream>(logs, &Logs::delete_stream);
  dispatch.add<ops::DescribeLogGroups>(logs, &Logs::describe_groups);
  dispatch.add<ops::DescribeLogStreams>(logs, &Logs::describe_streams);
  dispatch.add<ops::PutLogEvents>(logs, &Logs::put_events);
  dispatch.add<ops::GetLogEvents>(logs, &Logs::get_events);
  dispatch.add<ops::FilterLogEvents>(logs, &Logs::filter_events);
}

void bind_metrics(aws::Dispatch& dispatch, metrics::Metrics* service) {
  namespace ops = wire::cloudwatch::ops;
  using metrics::Metrics;
  dispatch.add<ops::GetMetricData>(service, &Metrics::get_data);
  dispatch.add<ops::GetMetricStatistics>(service, &Metrics::get_statistics);
  dispatch.add<ops::ListMetrics>(service, &Metrics::list);
  dispatch.add<ops::PutMetricData>(service, &Metrics::put_data);
}

void bind_identity(aws::Dispatch& dispatch, identity::Iam* iam) {
  using identity::Iam;
  dispatch.add<wire::sts::ops::GetCallerIdentity>(iam, &Iam::get_caller_identity);
  namespace ops = wire::iam::ops;
  dispatch.add<ops::GetRole>(iam, &Iam::get_role);
  dispatch.add<ops::CreateRole>(iam, &Iam::create_role);
  dispatch.add<ops::ListRoles>(iam, &Iam::list_roles);
  dispatch.add<ops::AttachRolePolicy>(iam, &Iam::attach_role_policy);
  dispatch.add<ops::ListAttachedRolePolicies>(iam, &Iam::list_attached_role_policies);
}

void bind_users(aws::Dispatch& dispatch, identity::Users* users) {
  namespace ops = wire::iam::ops;
  using identity::Users;
  dispatch.add<ops::CreateUser>(users, &Users::create);
  dispatch.add<ops::GetUser>(users, &Users::get);
  dispatch.add<ops::ListUsers>(users, &Users::list);
  dispatch.add<ops::DeleteUser>(users, &Users::remove);
  dispatch.add<ops::CreateAccessKey>(users, &Users::create_key);
  dispatch.add<ops::ListAccessKeys>(users, &Users::list_keys);
  dispatch.add<ops::DeleteAccessKey>(users, &Users::remove_key);
  dispatch.add<ops::PutUserPolicy>(users, &Users::put_policy);
  dispatch.add<ops::GetUserPolicy>(users, &Users::get_policy);
  dispatch.add<ops::ListUserPolicies>(users, &Users::list_policies);
  dispatch.add<ops::DeleteUserPolicy>(users, &Users::remove_policy);
  dispatch.add<ops::AttachUserPolicy>(users, &Users::attach);
  dispatch.add<ops::DetachUserPolicy>(users, &Users::detach);
  dispatch.add<ops::ListAttachedUserPolicies>(users, &Users::list_attached);
}

void bind_ecr(aws::Dispatch& dispatch, ecr::Repositories* repositories) {
  namespace ops = wire::ecr::ops;
  using ecr::Repositories;
  dispatch.add<ops::DescribeRepositories>(repositories, &Repositories::describe_repositories);
  dispatch.add<ops::DescribeImages>(repositories, &Repositories::describe_images);
  dispatch.add<ops::ListImages>(repositories, &Repositories::list_images);
  dispatch.add<ops::BatchGetImage>(repositories, &Repositories::batch_get_image);
  dispatch.add<ops::GetAuthorizationToken>(repositories, &Repositories::get_authorization_token);
}

void bind_control(aws::Dispatch& dispatch, Services& services) {
  namespace ops = wire::control::ops;
  dispatch.add<ops::GetJobTicket>(&services.supervisors, &jobs::SupervisorDesk::get_ticket);
  dispatch.add<ops::ReportJob>(&services.supervisors, &jobs::SupervisorDesk::report);
  dispatch.add<ops::DescribeJobResidency>(&services.residency, &jobs::Residency::describe);
  dispatch.add<ops::InterruptJob>(&services.training_jobs, &jobs::TrainingJobs::interrupt);
  dispatch.add<ops::GetServerTicket>(&services.endpoints, &hosting::Endpoints::get_ticket);
  dispatch.add<ops::ReportServer>(&services.endpoints, &hosting::Endpoints::report);
  dispatch.add<ops::GetTransformTicket>(&services.transform_jobs,
                                        &transform::TransformJobs::get_ticket);
  dispatch.add<ops::ReportTransform>(&services.transform_jobs, &transform::TransformJobs::report);
  dispatch.add<ops::PinTransformInput>(&services.transform_jobs,
                                       &transform::TransformJobs::pin_input);
  dispatch.add<ops::GetTransformInput>(&services.transform_jobs,
                                       &transform::TransformJobs::get_input);
  dispatch.add<ops::LocateObjects>(&services.store, &store::Store::locate_objects);
  dispatch.add<ops::RegisterImage>(&services.images, &catalog::Images::register_image);
  dispatch.add<ops::ListImages>(&services.images, &catalog::Images::list_images);
  dispatch.add<ops::CreateConsoleLink>(&services.console_links, &console::SignInLinks::create);
  dispatch.add<ops::DescribeImage>(&services.images, &catalog::Images::describe_image);
  dispatch.add<ops::DeregisterImage>(&services.images, &catalog::Images::deregister_image);
  using catalog::FileSystems;
  FileSystems* file_systems = &services.file_systems;
  dispatch.add<ops::RegisterFileSystem>(file_systems, &FileSystems::register_file_system);
  dispatch.add<ops::ListFileSystems>(file_systems, &FileSystems::list_file_systems);
  dispatch.add<ops::DescribeFileSystem>(file_systems, &FileSystems::describe_file_system);
  dispatch.add<ops::DeregisterFileSystem>(file_systems, &FileSystems::deregister_file_system);
  dispatch.add<ops::CountFileSystemFetches>(file_systems, &FileSystems::count_fetches);
  outposts::Registry* outposts = &services.outposts;
  dispatch.add<ops::RegisterOutpost>(outposts, &outposts::Registry::register_outpost);
  dispatch.add<ops::ListRegisteredOutposts>(outposts, &outposts::Registry::list);
  dispatch.add<ops::DeregisterOutpost>(outposts, &outposts::Registry::deregister_outpost);
}

}  // namespace

void bind_operations(aws::Dispatch& dispatch, Services services) {
  bind_s3(dispatch, &services.store);
  bind_outposts(dispatch, services);
  bind_training_jobs(dispatch, &services.training_jobs, &services.trial_metrics);
  bind_processing_jobs(dispatch, &services.processing_jobs);
  bind_hosting(dispatch, services);
  bind_transform_jobs(dispatch, &services.transform_jobs);
  bind_tags(dispatch, &services.tags);
  bind_logs(dispatch, &services.logs);
  bind_metrics(dispatch, &services.metrics);
  bind_identity(dispatch, &services.iam);
  bind_users(dispatch, &services.users);
  bind_ecr(dispatch, &services.repositories);
  bind_control(dispatch, services);
}

}  // namespace millrace

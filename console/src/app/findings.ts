import type { Findings, FoundTag } from '../api/mr';
import { paths, storePath } from '../base/paths';
import type { MessageKey } from '../i18n/en';

/** One line of the search's list. `path` is where it leads. */
export interface Finding {
  readonly label: string;
  readonly path: string;
  readonly description?: string;
  readonly tag?: string;
}

export interface FindingGroup {
  readonly kind: MessageKey;
  /** There are more than these. */
  readonly more: boolean;
  readonly findings: readonly Finding[];
}

const tagged = (tag: FoundTag | undefined): { description?: string } => (tag === undefined ? {} : { description: `${tag.Key}=${tag.Value}` });

/** What was found, kind by kind, without the kinds of which there is nothing. */
export function groupsOf(found: Findings): FindingGroup[] {
  const group = (kind: MessageKey, name: keyof Findings, findings: readonly Finding[]): FindingGroup[] =>
    findings.length === 0 ? [] : [{ kind, more: found.More.includes(name), findings }];
  return [
    ...group('nav.trainingJobs', 'TrainingJobs', found.TrainingJobs.map((job) => ({ label: job.Name, path: paths.job(job.Name), tag: job.Status, ...tagged(job.Tag) }))),
    ...group('nav.lists', 'Lists', found.Lists.map((list) => ({ label: list.Place, path: paths.list(String(list.Id)) }))),
    ...group('nav.models', 'Models', found.Models.map((model) => ({ label: model.Name, path: paths.model(model.Name), ...tagged(model.Tag) }))),
    ...group('nav.endpoints', 'Endpoints', found.Endpoints.map((endpoint) => ({ label: endpoint.Name, path: paths.endpoint(endpoint.Name), tag: endpoint.Status, ...tagged(endpoint.Tag) }))),
    ...group('nav.buckets', 'Buckets', found.Buckets.map((bucket) => ({ label: bucket.Name, path: paths.bucket(bucket.Name) }))),
    ...group('search.objects', 'Objects', found.Objects.map((object) => ({ label: `s3://${object.Bucket}/${object.Key}`, path: storePath(object.Bucket, object.Key) }))),
  ];
}

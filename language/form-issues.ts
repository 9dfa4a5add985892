/** Which form of a value was meant, where a field takes several: a name or a mapping. */
import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** The issues of the one form that the value has by its kind; the issue itself where it has none of them. */
export function formIssues(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const ofKind = issue.errors.filter((errors) => !errors.some(isOfOtherKind))
  const [meant] = ofKind
  if (meant === undefined || ofKind.length > 1) return [issue]
  return meant.flatMap((inner) => formIssues({ ...inner, path: [...issue.path, ...inner.path] }))
}

function isOfOtherKind({ code, path }: Issue): boolean {
  return code === 'invalid_type' && path.length === 0
}

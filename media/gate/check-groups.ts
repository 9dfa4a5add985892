/** Rules on renditions, their groups and the variants that name them. Source: RFC 8216, 4.3.4.1.1 and 4.3.4.2. */
import type { Report } from './findings'
import { RENDITION_TYPES, type GateMultivariant, type GateRendition, type RenditionType } from './multivariant'

export function checkGroups(multivariant: GateMultivariant, report: Report): void {
  const { path, variants } = multivariant
  if (variants.length === 0) report('playlist-empty', path, 'it has no variant')
  for (const type of RENDITION_TYPES) checkType(multivariant, type, report)
  const seen = new Set<string>()
  for (const { path: uri, groups, line, codecs } of variants) {
    const key = JSON.stringify([uri, groups.AUDIO, groups.VIDEO, groups.SUBTITLES, codecs])
    if (uri !== null && seen.has(key)) report('variant-duplicate', `${path}:${line}`, `${uri} is listed twice`)
    seen.add(key)
  }
}

function checkType({ path, renditions, variants }: GateMultivariant, type: RenditionType, report: Report): void {
  const groups = new Map<string, GateRendition[]>()
  for (const rendition of renditions.filter((one) => one.type === type)) {
    groups.set(rendition.groupId, [...(groups.get(rendition.groupId) ?? []), rendition])
  }
  const named = new Set<string>()
  for (const { groups: wanted, line } of variants) {
    const id = wanted[type]
    if (id === undefined) continue
    named.add(id)
    if (!groups.has(id)) report('group-unknown', `${path}:${line}`, `no ${type} rendition is of group '${id}'`)
  }
  for (const [id, members] of groups) {
    checkMembers(path, id, members, report)
    const [first] = members
    if (!named.has(id)) report('group-unused', `${path}:${first?.line ?? 0}`, `no variant names ${type} group '${id}'`)
  }
  checkEven(path, [...groups], report)
}

function checkMembers(path: string, id: string, members: readonly GateRendition[], report: Report): void {
  const names = new Set<string>()
  let defaults = 0
  for (const { name, isDefault, line } of members) {
    if (names.has(name)) report('group-names', `${path}:${line}`, `the name '${name}' stands twice in group '${id}'`)
    if (isDefault) defaults += 1
    if (isDefault && defaults === 2) report('group-names', `${path}:${line}`, `group '${id}' has two defaults`)
    names.add(name)
  }
}

function checkEven(path: string, [first, ...others]: readonly [string, GateRendition[]][], report: Report): void {
  const namesOf = (members: readonly GateRendition[]): string => JSON.stringify(members.map(({ name }) => name).sort())
  for (const [id, members] of others) {
    if (first === undefined || namesOf(members) === namesOf(first[1])) continue
    const where = `${path}:${members[0]?.line ?? 0}`
    report('group-uneven', where, `group '${id}' has the names ${namesOf(members)}, '${first[0]}' ${namesOf(first[1])}`)
  }
}

/**
 * Tells interlaced pictures from progressive ones by what is in them, since flags lie in both directions.
 *
 * In an interlaced picture the lines of one field are half a picture later than those between them. So the lines of the
 * neighbouring picture that are nearer in time fit between this picture's lines about as well as its own do, and those of
 * the other neighbour fit much worse. In a progressive picture its own lines fit best, and both neighbours alike. Only
 * what moves is looked at: fine still detail (text, grilles) says nothing.
 */

export type FieldFinding = 'top-first' | 'bottom-first' | 'progressive'

/** A difference of brightness under it is noise. */
const MOVED = 12
/** Under this share of the picture nothing moves enough to tell. */
const MOVED_SHARE = 0.002

/**
 * Of interlaced masters made from real film the worse neighbour is 1.5 times and more the better one in half of all
 * pictures, the own lines are 0.96 times and more; of progressive ones 1.0 and under 0.6 (measured on nine films). Test
 * patterns of single lines that move up and down come to 1.7 and 0.8 without being interlaced: they must not tip it.
 */
const LEAST_LEAN = 1.2
const LEAST_OWN = 0.85
const MOST_LEAN = 1.15
const MOST_OWN = 0.7

/**
 * What one picture looks like between its neighbours, or null where it does not tell.
 *
 * @param pictures Brightness of the previous, this and the next picture, a byte a pixel, row by row.
 */
export function lookAtFields(pictures: readonly [Uint8Array, Uint8Array, Uint8Array], widthPx: number) {
  const { moved, own, topFirst, bottomFirst } = misfits(pictures, widthPx)
  if (moved < MOVED_SHARE * pictures[1].length) return null
  const [near, far] = topFirst < bottomFirst ? [topFirst, bottomFirst] : [bottomFirst, topFirst]
  if (far >= LEAST_LEAN * near && own >= LEAST_OWN * near) {
    return topFirst < bottomFirst ? 'top-first' : 'bottom-first'
  }
  return far < MOST_LEAN * near && own < MOST_OWN * near ? 'progressive' : null
}

interface Misfits {
  moved: number
  /** How badly each line fits between its neighbours. */
  own: number
  /** The same for the line of the neighbouring picture that is nearer in time where the top field is first. */
  topFirst: number
  bottomFirst: number
}

function misfits([previous, current, next]: readonly [Uint8Array, Uint8Array, Uint8Array], widthPx: number): Misfits {
  const sums: Misfits = { moved: 0, own: 0, topFirst: 0, bottomFirst: 0 }
  const end = current.length - widthPx
  for (let at = widthPx; at < end; at += 1) {
    const [before, here, after] = [previous[at] ?? 0, current[at] ?? 0, next[at] ?? 0]
    if (Math.abs(before - here) <= MOVED && Math.abs(after - here) <= MOVED) continue
    const around = (current[at - widthPx] ?? 0) + (current[at + widthPx] ?? 0)
    const isBottomLine = Math.floor(at / widthPx) % 2 === 1
    const byPrevious = Math.abs(2 * before - around)
    const byNext = Math.abs(2 * after - around)
    sums.moved += 1
    sums.own += Math.abs(2 * here - around)
    sums.topFirst += isBottomLine ? byPrevious : byNext
    sums.bottomFirst += isBottomLine ? byNext : byPrevious
  }
  return sums
}

/** So many pictures must tell, or the flag stands. */
const LEAST_PICTURES = 8

/**
 * What all pictures looked at come to; null where they do not tell enough, or contradict one another. Film that was
 * stretched to 30 pictures a second by repeated fields has three whole pictures in five, and is left to its flag.
 */
export function fieldVerdict(findings: readonly (FieldFinding | null)[]): FieldFinding | null {
  const count = (finding: FieldFinding): number => findings.filter((one) => one === finding).length
  const [top, bottom, progressive] = [count('top-first'), count('bottom-first'), count('progressive')]
  const interlaced = top + bottom
  if (progressive >= LEAST_PICTURES && interlaced * 10 <= progressive) return 'progressive'
  if (interlaced < LEAST_PICTURES || interlaced < 2 * progressive) return null
  if (top >= 4 * bottom) return 'top-first'
  return bottom >= 4 * top ? 'bottom-first' : null
}

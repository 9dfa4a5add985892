/** Looks at the processes of a run while it goes on: who used how much. */
import { lookAtTree } from './process-tree'
import { later, treeFigures, type ProcessLook, type TreeFigures } from './tree-figures'

export interface TreeWatch {
  stop(): TreeFigures
}

/** A look costs less than a millisecond. */
const LOOK_MS = 100

/** @param onLook Called with every look. */
export function watchTree(root: number, onLook: () => void = () => undefined): TreeWatch {
  const seen = new Map<string, ProcessLook>()
  const look = (): void => {
    for (const one of lookAtTree(root)) seen.set(one.id, later(seen.get(one.id), one))
    onLook()
  }
  const timer = setInterval(look, LOOK_MS)
  return {
    stop: () => {
      clearInterval(timer)
      return treeFigures([...seen.values()], root)
    },
  }
}

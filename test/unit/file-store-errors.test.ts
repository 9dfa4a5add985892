import { storeError, systemCode, translated } from '../../core/adapters/file-store-errors'
import { GantryError } from '../../core/contract/errors'

const system = (code: string): Error => Object.assign(new Error(`${code}: it says`), { code })

describe('storeError', () => {
  it.each([
    ['ENOENT', 'STORE_NOT_FOUND', 'SOURCE_NOT_FOUND'],
    ['ENOTDIR', 'STORE_NOT_FOUND', 'SOURCE_NOT_FOUND'],
    ['EISDIR', 'STORE_NOT_FOUND', 'SOURCE_NOT_FOUND'],
    ['EACCES', 'STORE_DENIED', 'SOURCE_DENIED'],
    ['EPERM', 'STORE_DENIED', 'SOURCE_DENIED'],
    ['EROFS', 'STORE_DENIED', 'SOURCE_DENIED'],
    ['ENOSPC', 'STORE_FULL', 'STORE_FULL'],
    ['EDQUOT', 'STORE_FULL', 'STORE_FULL'],
    ['EFBIG', 'STORE_FULL', 'STORE_FULL'],
    ['ENAMETOOLONG', 'STORE_KEY_INVALID', 'SOURCE_NOT_FOUND'],
    ['ELOOP', 'STORE_KEY_INVALID', 'SOURCE_NOT_FOUND'],
    ['EXDEV', 'CONFIG_INVALID', 'CONFIG_INVALID'],
    ['EIO', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
    ['EMFILE', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  ])('makes %s of an object %s, of a master %s', (code, ofObject, ofMaster) => {
    expect(storeError(system(code), '/p', false)).toMatchObject({ code: ofObject, details: { path: '/p' } })
    expect(storeError(system(code), '/p', true)).toMatchObject({ code: ofMaster })
  })

  it('says the path and the reason, and keeps the cause', () => {
    const cause = system('EXDEV')
    const error = storeError(cause, '/out/a', false)
    expect(error.message).toBe("'/out/a': the scratch folder must be on the same file system as the bucket (EXDEV)")
    expect(error.cause).toBe(cause)
    expect(storeError(system('EIO'), '/out/a', false).message).toBe("'/out/a': EIO")
  })

  it('leaves what is translated already, and aborts, as they are', () => {
    const ours = new GantryError('STORE_CONFLICT', 'm')
    const abort = AbortSignal.abort().reason as Error
    expect(storeError(ours, '/p', false)).toBe(ours)
    expect(storeError(abort, '/p', false)).toBe(abort)
  })

  it('makes something of whatever is thrown', () => {
    for (const thrown of [null, undefined, 'text', 5, { code: 5 }]) {
      expect(storeError(thrown, '/p', false)).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
    }
  })
})

describe('translated', () => {
  it('gives what the work gives, and translates what it throws', async () => {
    expect(await translated('/p', false, () => Promise.resolve(5))).toBe(5)
    await expect(translated('/p', true, () => Promise.reject(system('EACCES')))).rejects.toMatchObject({
      code: 'SOURCE_DENIED',
    })
  })
})

describe('systemCode', () => {
  it('is the code of a system error and of nothing else', () => {
    expect(systemCode(system('EIO'))).toBe('EIO')
    for (const thrown of [null, 'EIO', { code: 5 }, {}]) expect(systemCode(thrown)).toBeUndefined()
  })
})

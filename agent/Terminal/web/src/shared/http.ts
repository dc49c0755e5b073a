/** An answer other than 2xx, with the API's code when it sent one; code "unreachable" when nothing answered. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly body: Record<string, unknown> = {},
  ) {
    super(`${status} ${code}`)
  }
}

/** One JSON request with the session's cookie; gives up after ten seconds. */
export async function request<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
  } catch {
    throw new ApiError(0, 'unreachable')
  }
  const text = await response.text()
  const parsed = parse(text)
  if (!response.ok) throw new ApiError(response.status, typeof parsed['code'] === 'string' ? parsed['code'] : '', parsed)
  return parsed as T
}

export function errorCode(error: unknown): string {
  return error instanceof ApiError ? error.code || `http_${error.status}` : 'unreachable'
}

function parse(text: string): Record<string, unknown> {
  try {
    return (text ? JSON.parse(text) : {}) as Record<string, unknown>
  } catch {
    return {} // a proxy's or a plain-text page: the status says what there is to know
  }
}

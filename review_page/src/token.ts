/** The link's token: it comes in the address's fragment, which no request and no Referer carries, and stays with this tab. */

const KEY = "inlay-review-token";

/** The token of this tab's link; empty where there is none. The address bar forgets it. */
export function tokenOfTab(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get("t");
  if (token) {
    sessionStorage.setItem(KEY, token);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEY) ?? "";
}

/** XMP packets as Photoshop keeps them: one rdf:Description, attributes first, and room to grow at the end. */

const PADDING = `${" ".repeat(100)}\n`.repeat(4);

/** What a new document says of itself. */
export function xmpOfNew(): string {
  const id = crypto.randomUUID();
  return (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n' +
    '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 9.1-c002 79.f354efc, 2023/11/09-12:40:27        ">\n' +
    ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n' +
    '  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"' +
    ' xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmp:CreatorTool="Adobe Photoshop 26.0 (Macintosh)" dc:format="application/vnd.adobe.photoshop"' +
    ` xmpMM:DocumentID="xmp.did:${id}"/>\n` +
    ` </rdf:RDF>\n</x:xmpmeta>\n${PADDING}<?xpacket end="w"?>`
  );
}

/** A packet as it is kept once it was set: with other white space, and nothing else changed. Null: it is none. */
export function kept(packet: unknown): string | null {
  if (typeof packet !== "string" || !/<rdf:RDF[\s>]/.test(packet)) return null;
  return packet.replace(/\s*(<\?xpacket end)/, `\n${PADDING}$1`).replace(/></g, ">\n<");
}

namespace ActionStream.Publish.Mqtt;

/// <summary>Makes `"late":true` of `"late":false` in an event's JSON: what waited says so.</summary>
internal static class LatePayload
{
    // In a text of the JSON the quotes would be escaped, so this can only be the field.
    private static ReadOnlySpan<byte> InTime => "\"late\":false"u8;

    private static ReadOnlySpan<byte> Late => "\"late\":true"u8;

    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> payload)
    {
        var at = payload.Span.IndexOf(InTime);
        if (at < 0)
        {
            return payload;
        }

        var late = new byte[payload.Length - 1];
        payload.Span[..at].CopyTo(late);
        Late.CopyTo(late.AsSpan(at));
        payload.Span[(at + InTime.Length)..].CopyTo(late.AsSpan(at + Late.Length));
        return late;
    }
}

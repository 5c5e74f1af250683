namespace ActionStream.Ingest.Ffmpeg.Nut;

/// <summary>What NUT's packets begin with, as it is written in the specification; all of them begin with 'N', and no frame does.</summary>
internal static class NutStartCodes
{
    public const ulong Main = 0x4E4D7A561F5F04AD;
    public const ulong Stream = 0x4E5311405BF2F9DB;
    public const ulong SyncPoint = 0x4E4BE4ADEECA4569;
    public const ulong Index = 0x4E58DD672F23E64E;
    public const ulong Info = 0x4E49AB68B596BA78;

    /// <summary>What a file begins with.</summary>
    public static ReadOnlySpan<byte> FileId => "nut/multimedia container\0"u8;
}

namespace ActionStream.EndToEnd.Measurements.Chaos;

/// <summary>What can be done to a site.</summary>
internal enum ChaosKind
{
    KillCamera,
    FreezeCamera,
    SlowCamera,
    HoldCamera,
    DamagePackets,
    TearStream,
    ResizeCamera,
    JumpClock,
    KillChild,
    CutBroker,
    SlowBroker,
    SilenceBroker,
    RestartBroker,
    KillBroker,
    FillDisk,
    BreakConfiguration,
    MisspellSetting,
    AddCamera,
    RemoveCamera,
    ChangeCamera,
    PressMemory,
    SilentClients,
    HalfSentHeaders,
    EmptyTemporaryFolder,

    /// <summary>Of any camera, also of those to which nothing else is done.</summary>
    KillDecoder,
}

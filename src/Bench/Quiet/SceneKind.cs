namespace ActionStream.Bench.Quiet;

/// <summary>What moves, or seems to, in a scene in which nobody does anything.</summary>
internal enum SceneKind
{
    Nothing,
    SensorNoise,
    NightNoise,
    LightFlicker,
    SwayingPlants,
    Rain,
    Headlights,
    InfraredSwitch,
    ExposureDrift,
}

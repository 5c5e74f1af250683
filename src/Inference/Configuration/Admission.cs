namespace ActionStream.Inference.Configuration;

/// <summary>What becomes of a configuration that asks for more than the machine can do. The words of the setting `admission`.</summary>
public enum Admission
{
    /// <summary>It runs, says so, and sheds load by priority.</summary>
    Warn,

    /// <summary>It does not start.</summary>
    Refuse,
}

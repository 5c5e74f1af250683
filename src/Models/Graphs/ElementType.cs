namespace ActionStream.Models.Graphs;

/// <summary>What a tensor's numbers are. The values are those of the ONNX format.</summary>
public enum ElementType
{
    Unknown = 0,
    F32 = 1,
    U8 = 2,
    I8 = 3,
    U16 = 4,
    I16 = 5,
    I32 = 6,
    I64 = 7,
    Text = 8,
    Bool = 9,
    F16 = 10,
    F64 = 11,
    U32 = 12,
    U64 = 13,
    BF16 = 16,
}

/// <summary>Words and sizes of an <see cref="ElementType"/>.</summary>
public static class ElementTypes
{
    extension(ElementType type)
    {
        /// <summary>As people write it: float32, uint8.</summary>
        public string Label => type switch
        {
            ElementType.U8 => "uint8",
            ElementType.I8 => "int8",
            ElementType.U16 => "uint16",
            ElementType.I16 => "int16",
            ElementType.I32 => "int32",
            ElementType.I64 => "int64",
            ElementType.U32 => "uint32",
            ElementType.U64 => "uint64",
            ElementType.F16 => "float16",
            ElementType.BF16 => "bfloat16",
            ElementType.F32 => "float32",
            ElementType.F64 => "float64",
            _ => type.ToString().ToLowerInvariant(),
        };

        /// <summary>Bytes of one number; 0 where it has no fixed size.</summary>
        public int Bytes => type switch
        {
            ElementType.U8 or ElementType.I8 or ElementType.Bool => 1,
            ElementType.U16 or ElementType.I16 or ElementType.F16 or ElementType.BF16 => 2,
            ElementType.F32 or ElementType.I32 or ElementType.U32 => 4,
            ElementType.F64 or ElementType.I64 or ElementType.U64 => 8,
            _ => 0,
        };
    }
}
